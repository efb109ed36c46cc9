#include "log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/ostream_sink.h>

#include <ostream>
#include <utility>

#include "fer/core/error.hpp"

namespace fer {

struct Log::Sinks {
  spdlog::logger logger;
  bool incomplete = false;  ///< something could not be written, and that was said
};

Log::Log(const Console& console, const LogOptions& options) : err_(console.err) {
  if (console.columns != nullptr && !options.quiet) columns_ = console.columns;
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(console.err, /*force_flush=*/true);
  sink->set_pattern(console.colour ? "\x1b[2m%H:%M:%S\x1b[0m %v" : "%H:%M:%S %v");
  sink->set_level(options.quiet ? spdlog::level::warn : spdlog::level::from_str(options.level));
  sinks_ = std::make_unique<Sinks>(Sinks{spdlog::logger("fer", std::move(sink))});
  sinks_->logger.set_level(spdlog::level::debug);
  sinks_->logger.set_error_handler([this](const std::string& reason) {
    if (!std::exchange(sinks_->incomplete, true))
      err_ << "warning: the log is not complete: " << reason << std::endl;
  });
}

Log::~Log() = default;

void Log::keep_in(const std::filesystem::path& file) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string());
    sink->set_pattern("%Y-%m-%d %H:%M:%S %l %v");
    sinks_->logger.sinks().push_back(std::move(sink));
    sinks_->logger.flush_on(spdlog::level::info);
  } catch (const spdlog::spdlog_ex& error) {
    throw failure("{}: cannot write the log: {}", file.string(), error.what());
  }
}

ProgressBar Log::bar(std::string title, std::string unit) const {
  return {err_, columns_, std::move(title), std::move(unit)};
}

void Log::say(Level level, const std::string& text) {
  switch (level) {
    case Level::debug:
      return sinks_->logger.debug("debug: {}", text);
    case Level::info:
      return sinks_->logger.info(text);
    case Level::warning:
      return sinks_->logger.warn("warning: {}", text);
  }
}

}  // namespace fer
