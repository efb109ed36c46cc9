#include "process_facts.hpp"

#include <sched.h>
#include <spawn.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include "fer/core/error.hpp"
#include "fer/core/stopwatch.hpp"

namespace fer {
namespace {

std::string distribution() {
  std::ifstream file("/etc/os-release");
  constexpr std::string_view kKey = "PRETTY_NAME=";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kKey)) continue;
    line.erase(0, kKey.size());
    std::erase(line, '"');
    return line;
  }
  return "unknown";
}

/// The environment without what prepare_process() sets, so that the program starts anew as it does for users.
std::vector<char*> plain_environment() {
  std::vector<char*> plain;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (!text.starts_with("OMP_WAIT_POLICY=") && !text.starts_with("GOMP_SPINCOUNT="))
      plain.push_back(*variable);
  }
  plain.push_back(nullptr);
  return plain;
}

}  // namespace

std::int64_t process_memory(const std::string& line) {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::int64_t kilobytes = 0;
  while (status >> word) {
    if (word == line + ":" && status >> kilobytes) return kilobytes * 1024;
  }
  throw failure("/proc/self/status does not tell {}", line);
}

std::string system_text() {
  utsname name{};
  ::uname(&name);
  return fmt::format("{}, {} {}, {}", distribution(), name.sysname, name.release, name.machine);
}

int usable_cores() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

std::vector<std::pair<std::string, std::string>> thread_variables(int processes) {
  if (std::getenv("OMP_NUM_THREADS") != nullptr) return {};
  return {{"OMP_NUM_THREADS", std::to_string(std::max(1, usable_cores() / processes))}};
}

double seconds_of_program(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "fer-bench");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const std::vector<char*> environment = plain_environment();
  pid_t child = 0;
  const Stopwatch watch;
  if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, pointers.data(), environment.data()) != 0)
    throw failure("no further process can be started");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const double seconds = watch.seconds();
  if (status != 0) throw failure("the program that was started to time its start did not succeed");
  return seconds;
}

}  // namespace fer
