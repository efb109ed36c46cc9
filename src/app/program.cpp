#include "fer/app/program.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <new>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "engines.hpp"
#include "fer/core/display_text.hpp"
#include "fer/core/error.hpp"
#include "fer/core/stop.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return kUsage;
    case ErrorKind::data:
      return kData;
    case ErrorKind::failure:
      break;
  }
  return kFailed;
}

/// A variable of the environment, "" without it.
std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::size_t terminal_columns() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

/// What a message quotes of a file may be long, or hold what a terminal obeys.
std::string line_of(std::string_view message) {
  constexpr std::size_t kLongest = 4000;
  const std::string line = printable(message.substr(0, kLongest));
  return message.size() > kLongest ? line + "..." : line;
}

int fail(const Console& console, std::string_view message, int code) {
  console.err << "error: " << line_of(message) << std::endl;
  return code;
}

/// LibTorch says it in words alone: of memory and of a GPU's.
bool is_out_of_memory(const std::exception& error) {
  constexpr std::array<std::string_view, 3> kWords = {"can't allocate memory", "not enough memory",
                                                      "out of memory"};
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return true;
  if (const auto* const opencv = dynamic_cast<const cv::Exception*>(&error))
    return opencv->code == cv::Error::StsNoMem;
  const std::string_view text = error.what();
  return std::ranges::any_of(kWords, [&](std::string_view words) { return text.find(words) != text.npos; });
}

bool has_no_thread_left(const std::exception& error) {
  const auto* const system = dynamic_cast<const std::system_error*>(&error);
  return system != nullptr && system->code() == std::errc::resource_unavailable_try_again;
}

/// Whether whoever was to read what we print has gone, as `| head` does when it has enough.
bool reader_has_gone() {
  pollfd out{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

}  // namespace

int run_tool(Tool tool, std::span<const std::string> arguments, const Console& console) {
  try {
    return tool(arguments, console);
  } catch (const Stopped&) {
    return fail(console, "stopped before there was anything to save", stop_exit_code());
  } catch (const std::exception& error) {
    if (is_out_of_memory(error))
      return fail(console, "out of memory: lower train.batch_size, input.size or the number of workers",
                  kFailed);
    if (has_no_thread_left(error))
      return fail(console, "no further thread can be started: lower the number of workers, or raise a limit",
                  kFailed);
    if (const auto* const ours = dynamic_cast<const Error*>(&error))
      return fail(console, ours->what(), exit_code(ours->kind()));
    const std::string_view text = error.what();
    return fail(console, text.substr(0, text.find('\n')), kFailed);
  }
}

int run_program(Tool tool, int argc, char** argv) {
  prepare_program(argv);
  std::signal(SIGPIPE, SIG_IGN);  // results are written, whether or not somebody reads what is printed
  if (variable("OPENCV_LOG_LEVEL").empty())  // a file that it cannot read is our error
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_FATAL);
  const bool terminal = ::isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb";
  const Console console{.out = std::cout,
                        .err = std::cerr,
                        .columns = terminal ? terminal_columns : nullptr,
                        .colour = terminal && variable("NO_COLOR").empty()};
  const int code = run_tool(tool, std::vector<std::string>(argv + 1, argv + argc), console);
  if (!std::cout.flush() && !reader_has_gone() && code == kOk)
    return fail(console, "the standard output cannot be written: what was to be printed is missing", kFailed);
  return code;
}

}  // namespace fer
