#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "fer/core/pace.hpp"

namespace fer {

/// How long work tells the caller where it stands: `done` of `total` steps (total 0: not known).
using ProgressFn = std::function<void(std::size_t done, std::size_t total)>;

/// Likewise where the work has several parts, one after the other, each with a name ("cropping faces").
using StepsFn = std::function<void(std::string_view step, std::size_t done, std::size_t total)>;

/// Progress of the one step; nothing where nobody asks.
ProgressFn progress_of(StepsFn steps, std::string step);

/// Progress of work that belongs to `whole` steps, of which so many are done before it.
ProgressFn part_of(ProgressFn progress, std::size_t before, std::size_t whole);

/// What a bar says.
struct ProgressReading {
  std::string title;
  std::size_t done = 0;
  std::size_t total = 0;             ///< 0: not known
  std::optional<double> share = {};  ///< done, 0..1, where it is not done / total
  double seconds = 0;                ///< since the start
  std::optional<double> left = {};   ///< seconds; nothing: not known yet
  bool at_least = false;             ///< `left` may well be more
  double rate = 0;                   ///< a second; 0: not known, or nothing to tell
  std::string unit = {};             ///< behind numbers, such as " kB"
  std::string note = {};
};

/// `Crops  87%|#####  | 96/110 [00:21<00:03, 4.6/s] note` in fewer than so many columns, so that no terminal
/// wraps it: where they do not suffice it shortens the bar and the title first and then leaves out the bar,
/// the note, the rate and the numbers, in that order; what is left is the share and the time to go.
std::string progress_line(const ProgressReading& reading, std::size_t columns);

/// Columns of a terminal as it is now.
using ColumnsFn = std::function<std::size_t()>;

/// Such a line on a terminal, redrawn in place at most ten times a second. Draws nothing without `columns`,
/// where the stream is no terminal.
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, ColumnsFn columns, std::string title, std::string unit = {});
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(std::size_t done, std::size_t total, const std::string& note = {});

  /// Likewise; with another title the time begins anew.
  void update_step(std::string_view title, std::size_t done, std::size_t total);

  /// What the caller found out itself; but for `seconds`, which are the bar's.
  void show(ProgressReading reading);

  /// Wipes the line, so that other output can follow.
  void clear();

  double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  bool is_due(bool last) const;

  std::ostream& out_;
  ColumnsFn columns_;
  std::string title_;
  std::string unit_;
  Pace pace_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point drawn_{};
};

/// "07:05", or "1:02:03" from an hour on.
std::string clock_text(double seconds);

/// "<07:05" to go, "<07:05+" at least; "<--:--" where that is not known yet.
std::string left_text(std::optional<double> seconds, bool at_least = false);

/// "4.6/s"; "21.3 s each" of what takes longer than a second.
std::string rate_text(double rate, std::string_view unit = {});

}  // namespace fer
