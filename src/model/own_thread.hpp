#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <queue>
#include <thread>

namespace fer {

/// A thread that does the work of others, one piece after the other in the order it is asked.
class OwnThread {
 public:
  OwnThread();
  ~OwnThread();
  OwnThread(const OwnThread&) = delete;
  OwnThread& operator=(const OwnThread&) = delete;

  /// Returns when the work is done, and throws what it threw. Any thread but this one may call it.
  void run(const std::function<void()>& work);

 private:
  void work_off();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<std::packaged_task<void()>> waiting_;
  bool ending_ = false;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace fer
