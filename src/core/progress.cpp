#include "fer/core/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace fer {

ProgressBar::ProgressBar(std::ostream& out, bool enabled, std::string title)
    : out_(out), enabled_(enabled), title_(std::move(title)) {}

void ProgressBar::update(std::size_t done, std::size_t total, const std::string& note) {
  const auto now = Clock::now();
  if (!enabled_ || (now - drawn_ < std::chrono::milliseconds(100) && done != total)) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  out_ << "\r\x1b[2K" << progress_line(title_, done, total, seconds) << ' ' << note << std::flush;
}

void ProgressBar::clear() {
  if (enabled_ && drawn_ != Clock::time_point{}) out_ << "\r\x1b[2K" << std::flush;
  drawn_ = {};
}

std::string progress_line(const std::string& title, std::size_t done, std::size_t total, double seconds) {
  constexpr std::size_t kWidth = 24;
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0.0;
  if (total == 0) return fmt::format("{} {} [{}, {:.1f}/s]", title, done, clock_text(seconds), rate);
  done = std::min(done, total);
  const std::size_t filled = kWidth * done / total;
  const double left = rate > 0 ? static_cast<double>(total - done) / rate : 0.0;
  return fmt::format("{} {:3}%|{:<{}}| {}/{} [{}<{}, {:.1f}/s]", title, 100 * done / total,
                     std::string(filled, '#'), kWidth, done, total, clock_text(seconds),
                     rate > 0 ? clock_text(left) : "--:--", rate);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (whole < 3600) return fmt::format("{:02}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace fer
