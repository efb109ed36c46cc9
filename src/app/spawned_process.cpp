#include "spawned_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <span>
#include <utility>

#include "fer/core/error.hpp"

namespace fer {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Ours, with `changes`, as "NAME=value".
std::vector<std::string> environment_with(std::span<const std::pair<std::string, std::string>> changes) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : changes) variables[name] = value;
  std::vector<std::string> entries;
  for (const auto& [name, value] : variables) entries.push_back(fmt::format("{}={}", name, value));
  return entries;
}

/// What posix_spawn does to files and signals before the program begins.
class SpawnSetup {
 public:
  SpawnSetup() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSetup() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  void write_to(int descriptor, const std::filesystem::path& file) {
    if (file.empty()) return;
    ::posix_spawn_file_actions_addopen(&files_, descriptor, file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  }

  void leave_group() {
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }

  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

}  // namespace

std::string ProcessEnd::text() const {
  return signal != 0 ? fmt::format("signal {} ({})", signal, ::strsignal(signal))
                     : fmt::format("exit code {}", code);
}

SpawnedProcess::SpawnedProcess(const SpawnOptions& options) : id_(-1) {
  std::vector<std::string> arguments = {options.program.string()};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  std::vector<std::string> variables = environment_with(options.variables);
  SpawnSetup setup;
  setup.write_to(STDOUT_FILENO, options.out);
  setup.write_to(STDERR_FILENO, options.err);
  if (options.own_group) setup.leave_group();
  const int error = ::posix_spawn(&id_, options.program.c_str(), setup.files(), setup.attributes(),
                                  pointers_to(arguments).data(), pointers_to(variables).data());
  if (error != 0) throw failure("{}: cannot be started: {}", options.program.string(), std::strerror(error));
}

SpawnedProcess::~SpawnedProcess() {
  if (id_ < 0 || ended()) return;
  send(SIGKILL);
  wait();
}

SpawnedProcess::SpawnedProcess(SpawnedProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)), end_(other.end_) {}

std::optional<ProcessEnd> SpawnedProcess::ended() {
  int status = 0;
  if (!end_ && ::waitpid(id_, &status, WNOHANG) == id_) {
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end_ = {.code = signal != 0 ? 128 + signal : WEXITSTATUS(status), .signal = signal};
  }
  return end_;
}

ProcessEnd SpawnedProcess::wait() {
  while (!ended()) {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOWAIT);
  }
  return *end_;
}

void SpawnedProcess::send(int signal) const {
  if (!end_) ::kill(id_, signal);
}

}  // namespace fer
