#include "child_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr char kAnswer = 'a';  // any other first character is the kind of an error

char letter_of(ErrorKind kind) { return static_cast<char>('0' + static_cast<int>(kind)); }

/// A letter, then what was returned or the message.
std::string outcome_of(const std::function<std::string()>& work) {
  try {
    return kAnswer + work();
  } catch (const Error& error) {
    return letter_of(error.kind()) + std::string(error.what());
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return letter_of(ErrorKind::failure) + text.substr(0, text.find('\n'));
  }
}

void write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;  // whoever reads will miss it
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_all(int file) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t count = ::read(file, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
}

/// What it ended with, for people.
std::string wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                             : fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace

std::string in_child_process(const std::function<std::string()>& work) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) throw failure("no pipe to another process can be had");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe[0]);
    write_all(pipe[1], outcome_of(work));
    ::_exit(0);
  }
  ::close(pipe[1]);
  const std::string outcome = child < 0 ? "" : read_all(pipe[0]);
  ::close(pipe[0]);
  if (child < 0) throw failure("no further process can be started");
  const std::string end = wait_for(child);
  if (outcome.empty()) throw failure("the child process ended with {} and no answer", end);
  if (outcome[0] == kAnswer) return outcome.substr(1);
  throw Error(static_cast<ErrorKind>(outcome[0] - '0'), outcome.substr(1));
}

}  // namespace fer
