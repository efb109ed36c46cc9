#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "fer/app/program.hpp"
#include "fer/core/progress.hpp"

namespace fer {

struct LogOptions {
  bool quiet = false;          ///< warnings and errors only, and no progress bar
  std::string level = "info";  ///< debug | info | warning | error
};

/// The log of one program: to the console and, from keep_in() on, to a file as well; with progress bars,
/// which the console alone shows.
class Log {
 public:
  Log(const Console& console, const LogOptions& options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Appends everything said from now on to this file, with times, whatever the console shows. Throws a
  /// failure naming the path.
  void keep_in(const std::filesystem::path& file);

  /// A bar that draws nothing where the console is no terminal, or is to be quiet. Wipe it before the log
  /// speaks.
  ProgressBar bar(std::string title, std::string unit = {}) const;

  /// For who wants to know how it went: what was chosen, seconds of stages.
  template <class... Args>
  void debug(fmt::format_string<Args...> text, Args&&... args) {
    say(Level::debug, fmt::format(text, std::forward<Args>(args)...));
  }
  template <class... Args>
  void info(fmt::format_string<Args...> text, Args&&... args) {
    say(Level::info, fmt::format(text, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> text, Args&&... args) {
    say(Level::warning, fmt::format(text, std::forward<Args>(args)...));
  }

 private:
  enum class Level { debug, info, warning };
  void say(Level level, const std::string& text);

  struct Sinks;
  std::ostream& err_;
  ColumnsFn columns_;
  std::unique_ptr<Sinks> sinks_;
};

}  // namespace fer
