#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fer/core/files.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {

/// A running program whose streams go to files.
class Program {
 public:
  /// `largest_file`: bytes that a file may have, as on a disk that is full then; 0: any number.
  Program(const std::string& name, std::vector<std::string> arguments, const TempFolder& folder,
          rlim_t largest_file = 0)
      : out_(folder / "stdout.txt"), err_(folder / "stderr.txt") {
    arguments.insert(arguments.begin(), std::string(FER_BIN_DIR "/") + name);
    write_file(out_, "");  // nothing that an earlier program left there is taken for this one's
    write_file(err_, "");
    child_ = ::fork();
    if (child_ != 0) return;
    redirect(out_, STDOUT_FILENO);
    redirect(err_, STDERR_FILENO);
    if (largest_file > 0) limit_files(largest_file);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  pid_t id() const { return child_; }

  void send(int signal) const { ::kill(child_, signal); }

  /// Whether it is over; wait() then tells how.
  bool has_ended() const {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid != 0;
  }

  /// The exit code; 128 + N where signal N ended it.
  int wait() const {
    int status = 0;
    ::waitpid(child_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string out() const { return read_file(out_); }
  std::string err() const { return read_file(err_); }

 private:
  static void limit_files(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }

  static void redirect(const std::filesystem::path& path, int descriptor) {
    ::dup2(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), descriptor);
  }

  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t child_;
};

}  // namespace fer::test
