#pragma once

namespace fer {

/// While it lives, SIGINT and SIGTERM ask for a stop instead of ending the process; a second one ends it at
/// once.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
};

/// A signal has asked for a stop.
bool stop_requested();

/// 130 after SIGINT, 143 after SIGTERM.
int stop_exit_code();

}  // namespace fer
