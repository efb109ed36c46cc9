#include "share_work.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace fer {
namespace {

class SharedWork {
 public:
  SharedWork(std::size_t count, const ItemWork& work) : count_(count), work_(work) {}

  void run(int workers, const ProgressFn& progress, const StopFn& stop) {
    {
      std::vector<std::jthread> threads;
      for (int i = 1; i < workers; ++i)
        threads.emplace_back([this, i] { take_items(static_cast<std::size_t>(i), {}, {}); });
      take_items(0, progress, stop);
    }
    if (error_) std::rethrow_exception(error_);
    if (stopped_) throw Stopped();
  }

 private:
  void take_items(std::size_t worker, const ProgressFn& progress, const StopFn& stop) {
    for (;;) {
      if (stop && stop()) stopped_ = true;
      const std::size_t item = next_++;
      if (item >= count_ || stopped_ || item >= first_error_) return;
      try {
        work_(item, worker);
      } catch (...) {
        keep_error(item);
      }
      ++done_;
      if (progress) progress(done_, count_);
    }
  }

  void keep_error(std::size_t item) {
    const std::lock_guard lock(mutex_);
    if (item >= first_error_) return;
    first_error_ = item;
    error_ = std::current_exception();
  }

  const std::size_t count_;
  const ItemWork& work_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<std::size_t> first_error_{SIZE_MAX};
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

void share_work(std::size_t count, int workers, const ItemWork& work, const ProgressFn& progress,
                const StopFn& stop) {
  SharedWork(count, work).run(workers, progress, stop);
}

}  // namespace fer
