#include "fer/core/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "fer/core/display_text.hpp"

namespace fer {
namespace {

constexpr std::size_t kWidestBar = 24;
constexpr std::size_t kNarrowestBar = 6;
constexpr std::size_t kShortestTitle = 12;

/// What a line has besides title and share.
struct Layout {
  bool bar = false;
  bool numbers = false;
  bool rate = false;
  bool note = false;
};

/// The fullest first.
constexpr std::array<Layout, 5> kLayouts = {{{.bar = true, .numbers = true, .rate = true, .note = true},
                                             {.numbers = true, .rate = true, .note = true},
                                             {.bar = true, .numbers = true, .rate = true},
                                             {.numbers = true},
                                             {}}};

double share_of(const ProgressReading& reading) {
  const double share =
      reading.share.value_or(static_cast<double>(reading.done) / static_cast<double>(reading.total));
  return std::clamp(share, 0.0, 1.0);
}

std::string times_text(const ProgressReading& reading, const Layout& layout) {
  std::string text = " [" + clock_text(reading.seconds);
  if (reading.total > 0) text += left_text(reading.left, reading.at_least);
  if (layout.rate && reading.rate > 0) text += ", " + rate_text(reading.rate, reading.unit);
  return text + ']';
}

std::string numbers_text(const ProgressReading& reading) {
  if (reading.total == 0) return fmt::format(" {}{}", reading.done, reading.unit);
  return fmt::format(" {}/{}{}", std::min(reading.done, reading.total), reading.total, reading.unit);
}

/// What comes behind the title and the bar.
std::string rest_text(const ProgressReading& reading, const Layout& layout) {
  std::string text;
  if (reading.total == 0 && reading.done == 0) return " …";
  if (layout.numbers) text += numbers_text(reading);
  if (layout.numbers) text += times_text(reading, layout);
  if (!layout.numbers && reading.total > 0) text += ' ' + left_text(reading.left, reading.at_least);
  if (layout.note && !reading.note.empty()) text += ' ' + printable(reading.note);
  return text;
}

std::string bar_text(double share, std::size_t width) {
  const auto filled = static_cast<std::size_t>(share * static_cast<double>(width) + 1e-9);
  return fmt::format("|{:<{}}|", std::string(filled, '#'), width);
}

/// The line, or nothing where it does not fit; then the bar and the title are as short as they may be.
std::optional<std::string> laid_out(const ProgressReading& reading, const Layout& layout, std::size_t room) {
  const std::string title = printable(reading.title);
  const std::size_t wanted = display_width(title);
  const bool has_share = reading.total > 0;
  const std::string share =
      has_share ? fmt::format(" {:3}%", static_cast<int>(share_of(reading) * 100 + 1e-9)) : "";
  const std::string rest = rest_text(reading, layout);
  const bool has_bar = layout.bar && has_share;
  const std::size_t fixed = share.size() + display_width(rest) + (has_bar ? 2 : 0);
  const std::size_t least_bar = has_bar ? kNarrowestBar : 0;
  if (fixed + least_bar + std::min(wanted, kShortestTitle) > room) return std::nullopt;
  const std::size_t for_title = std::min(wanted, room - fixed - least_bar);
  const std::size_t for_bar = std::min(kWidestBar, room - fixed - for_title);
  return shortened(title, for_title) + share + (has_bar ? bar_text(share_of(reading), for_bar) : "") + rest;
}

}  // namespace

ProgressFn progress_of(StepsFn steps, std::string step) {
  if (!steps) return {};
  return [steps = std::move(steps), step = std::move(step)](std::size_t done, std::size_t total) {
    steps(step, done, total);
  };
}

ProgressFn part_of(ProgressFn progress, std::size_t before, std::size_t whole) {
  if (!progress) return {};
  return [progress = std::move(progress), before, whole](std::size_t done, std::size_t) {
    progress(before + done, whole);
  };
}

std::string progress_line(const ProgressReading& reading, std::size_t columns) {
  const std::size_t room = std::max<std::size_t>(columns, 1) - 1;
  for (const Layout& layout : kLayouts) {
    if (auto line = laid_out(reading, layout, room)) return *std::move(line);
  }
  const std::string share =
      reading.total > 0 ? fmt::format("{:3}%", static_cast<int>(share_of(reading) * 100 + 1e-9)) : "";
  return shortened(share + rest_text(reading, {}), room);
}

ProgressBar::ProgressBar(std::ostream& out, ColumnsFn columns, std::string title, std::string unit)
    : out_(out), columns_(std::move(columns)), title_(std::move(title)), unit_(std::move(unit)) {}

void ProgressBar::update(std::size_t done, std::size_t total, const std::string& note) {
  if (!columns_) return;
  pace_.at(done, seconds());
  if (!is_due(total > 0 && done == total)) return;
  const std::size_t open = total - std::min(done, total);
  show({.title = title_,
        .done = done,
        .total = total,
        .left = pace_.seconds_for(open),
        .rate = pace_.rate(),
        .unit = unit_,
        .note = note});
}

void ProgressBar::update_step(std::string_view title, std::size_t done, std::size_t total) {
  if (title != title_) {
    clear();
    title_ = title;
    pace_ = Pace(done);
    started_ = Clock::now();
  }
  update(done, total);
}

void ProgressBar::show(ProgressReading reading) {
  if (!columns_ || !is_due(reading.total > 0 && reading.done == reading.total)) return;
  drawn_ = Clock::now();
  reading.seconds = seconds();
  out_ << "\r\x1b[2K" << progress_line(reading, columns_()) << std::flush;
}

void ProgressBar::clear() {
  if (columns_ && drawn_ != Clock::time_point{}) out_ << "\r\x1b[2K" << std::flush;
  drawn_ = {};
}

double ProgressBar::seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

bool ProgressBar::is_due(bool last) const {
  return last || Clock::now() - drawn_ >= std::chrono::milliseconds(100);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
  if (whole < 3600) return fmt::format("{:02}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string left_text(std::optional<double> seconds, bool at_least) {
  if (!seconds) return "<--:--";
  return fmt::format("<{}{}", clock_text(*seconds), at_least ? "+" : "");
}

std::string rate_text(double rate, std::string_view unit) {
  if (rate >= 100) return fmt::format("{:.0f}{}/s", rate, unit);
  if (rate >= 1) return fmt::format("{:.1f}{}/s", rate, unit);
  return fmt::format("{:.1f} s each", 1 / rate);
}

}  // namespace fer
