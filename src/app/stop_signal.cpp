#include "stop_signal.hpp"

#include <csignal>

namespace fer {
namespace {

// A signal handler can reach nothing but a global.
volatile std::sig_atomic_t received = 0;

extern "C" void remember_signal(int signal) {
  received = signal;
  std::signal(signal, SIG_DFL);
}

}  // namespace

StopSignal::StopSignal() {
  received = 0;
  std::signal(SIGINT, remember_signal);
  std::signal(SIGTERM, remember_signal);
}

StopSignal::~StopSignal() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool stop_requested() { return received != 0; }

int stop_exit_code() { return 128 + (received != 0 ? received : SIGINT); }

}  // namespace fer
