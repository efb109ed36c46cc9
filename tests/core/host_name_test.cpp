#include "fer/core/host_name.hpp"

#include <gtest/gtest.h>
#include <sys/utsname.h>

namespace fer {
namespace {

TEST(HostNameTest, IsWhatTheSystemSays) {
  utsname system{};
  ASSERT_EQ(::uname(&system), 0);
  const std::string name = system.nodename;
  EXPECT_EQ(host_name(), name.empty() ? "localhost" : name);
}

}  // namespace
}  // namespace fer
