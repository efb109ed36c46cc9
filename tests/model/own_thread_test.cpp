#include "own_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <vector>

namespace fer {
namespace {

TEST(OwnThreadTest, OneThreadDoesTheWorkOfAllOnePieceAtATime) {
  OwnThread own;
  std::set<std::thread::id> seen;
  std::atomic<int> at_work = 0;
  int done = 0;
  bool overlapped = false;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < 8; ++i) {
      askers.emplace_back([&] {
        for (int k = 0; k < 50; ++k) {
          own.run([&] {
            overlapped = overlapped || ++at_work > 1;
            seen.insert(std::this_thread::get_id());
            ++done;
            --at_work;
          });
        }
      });
    }
  }
  EXPECT_EQ(done, 400);
  EXPECT_FALSE(overlapped);
  EXPECT_EQ(seen.size(), 1U);
  EXPECT_FALSE(seen.contains(std::this_thread::get_id()));
}

TEST(OwnThreadTest, TheWorkIsDoneWhenTheCallReturns) {
  OwnThread own;
  bool done = false;
  own.run([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    done = true;
  });
  EXPECT_TRUE(done);
}

TEST(OwnThreadTest, ErrorsComeToWhoeverAskedAndTheThreadGoesOn) {
  OwnThread own;
  EXPECT_THROW(own.run([] { throw std::runtime_error("no"); }), std::runtime_error);
  int done = 0;
  own.run([&] { ++done; });
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace fer
