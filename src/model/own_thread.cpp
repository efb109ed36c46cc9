#include "own_thread.hpp"

#include <utility>

namespace fer {

OwnThread::OwnThread() : thread_([this] { work_off(); }) {}

OwnThread::~OwnThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
}

void OwnThread::run(const std::function<void()>& work) {
  std::packaged_task<void()> task(work);
  std::future<void> done = task.get_future();
  {
    const std::lock_guard lock(mutex_);
    waiting_.push(std::move(task));
  }
  changed_.notify_one();
  done.get();
}

void OwnThread::work_off() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::packaged_task<void()> task = std::move(waiting_.front());
    waiting_.pop();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace fer
