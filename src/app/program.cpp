#include "fer/app/program.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <new>
#include <opencv2/core/utils/logger.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engines.hpp"
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
  std::string line(message.substr(0, kLongest));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return message.size() > kLongest ? line + "..." : line;
}

int fail(const Console& console, std::string_view message, int code) {
  console.err << "error: " << line_of(message) << std::endl;
  return code;
}

}  // namespace

int run_tool(Tool tool, std::span<const std::string> arguments, const Console& console) {
  try {
    return tool(arguments, console);
  } catch (const Error& error) {
    return fail(console, error.what(), exit_code(error.kind()));
  } catch (const Stopped&) {
    return fail(console, "stopped before there was anything to save", stop_exit_code());
  } catch (const std::bad_alloc&) {
    return fail(console, "out of memory: lower train.batch_size, input.size or the number of workers",
                kFailed);
  } catch (const std::exception& error) {
    const std::string_view text = error.what();
    return fail(console, text.substr(0, text.find('\n')), kFailed);
  }
}

int run_program(Tool tool, int argc, char** argv) {
  prepare_program(argv);
  if (variable("OPENCV_LOG_LEVEL").empty())  // a file that it cannot read is our error
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_FATAL);
  const bool terminal = ::isatty(STDERR_FILENO) == 1 && variable("TERM") != "dumb";
  const Console console{.out = std::cout,
                        .err = std::cerr,
                        .columns = terminal ? terminal_columns : nullptr,
                        .colour = terminal && variable("NO_COLOR").empty()};
  return run_tool(tool, std::vector<std::string>(argv + 1, argv + argc), console);
}

}  // namespace fer
