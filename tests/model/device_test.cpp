#include "fer/model/device.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "fer/core/error.hpp"

namespace fer {
namespace {

using testing::HasSubstr;

/// The usage error for a device, or what was chosen instead.
std::string refusal(const std::string& name) {
  try {
    return "no error, but " + select_device(name).str();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
    return error.what();
  }
}

TEST(SelectDevice, KnowsTheCpu) {
  EXPECT_EQ(select_device("cpu"), c10::Device(c10::kCPU));
  EXPECT_THAT(device_text(select_device("cpu")), testing::MatchesRegex("cpu, [0-9]+ threads?"));
}

TEST(SelectDevice, RefusesWhatIsNoDevice) {
  for (const char* name : {"", "cup", "CPU", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "cuda:0x", "cuda:999"}) {
    EXPECT_THAT(refusal(name), HasSubstr("device '" + std::string(name) + "'"));
  }
  EXPECT_THAT(refusal("cup"), HasSubstr("expected auto, cpu, cuda or cuda:N"));
}

TEST(SelectDevice, AutoIsCudaWhereThereIsOne) {
  const bool automatic = select_device("auto").is_cuda();
  if (automatic) {
    EXPECT_EQ(select_device("auto"), select_device("cuda:0"));
    EXPECT_EQ(select_device("cuda"), select_device("cuda:0"));
    EXPECT_THAT(refusal("cuda:100"), HasSubstr("cuda:100"));
  } else {
    for (const char* name : {"cuda", "cuda:0"})
      EXPECT_THAT(refusal(name), HasSubstr("has no CUDA; use auto or cpu"));
  }
}

TEST(Device, NamesLibTorchsVersion) {
  EXPECT_THAT(libtorch_version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+.*"));
}

/// Sets the settings, or unsets them for a null pointer.
void set_all(const char* value) {
  for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "TORCH_CPP_LOG_LEVEL"})
    value != nullptr ? ::setenv(name, value, 1) : ::unsetenv(name);
}

/// Calls prepare_process() and, where the program does not start anew, ends with 99; to be called in a child.
[[noreturn]] void prepare_or_exit(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  prepare_process(argv.data());
  std::_Exit(99);
}

/// Run by the tests below in a process of its own.
TEST(PrepareProcess, DISABLED_InTheNewProcess) {
  EXPECT_STREQ(std::getenv("OMP_WAIT_POLICY"), "PASSIVE");
  EXPECT_STREQ(std::getenv("GOMP_SPINCOUNT"), "7");
}

TEST(PrepareProcess, StartsAnewWithTheArgumentsAndWhatTheUserDidNotSet) {
  EXPECT_EXIT(
      {
        set_all(nullptr);
        ::setenv("GOMP_SPINCOUNT", "7", 1);
        prepare_or_exit({"tests", "--gtest_also_run_disabled_tests",
                         "--gtest_filter=PrepareProcess.DISABLED_InTheNewProcess"});
      },
      testing::ExitedWithCode(0), "");
}

TEST(PrepareProcess, DoesNothingWhereEverythingIsSet) {
  EXPECT_EXIT(
      {
        set_all("");
        prepare_or_exit({"tests", "--gtest_list_tests"});
      },
      testing::ExitedWithCode(99), "");
}

}  // namespace
}  // namespace fer
