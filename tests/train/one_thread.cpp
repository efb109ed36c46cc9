#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace fer::test {
namespace {

/// Threads that wait for each other busily make tiny networks crawl on a machine with other work.
class OneThread final : public testing::Environment {
  void SetUp() override { at::set_num_threads(1); }
};

const testing::Environment* const kOneThread = testing::AddGlobalTestEnvironment(new OneThread);

}  // namespace
}  // namespace fer::test
