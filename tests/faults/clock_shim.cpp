/// Loaded with LD_PRELOAD: the wall clock jumps a day backwards and forwards in turn, as it does when it is
/// set or a virtual machine wakes up. The monotonic clock is left alone.

#include <dlfcn.h>
#include <sys/time.h>

#include <atomic>
#include <ctime>

namespace {

time_t jump() {
  static std::atomic<unsigned> calls{0};
  constexpr time_t kDay = 86400;
  return calls++ % 2 == 0 ? -kDay : kDay;
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const auto call = real<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = call(clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += jump();
  return result;
}

extern "C" int gettimeofday(timeval* now, void* zone) noexcept {
  static const auto call = real<int (*)(timeval*, void*)>("gettimeofday");
  const int result = call(now, zone);
  if (result == 0) now->tv_sec += jump();
  return result;
}

extern "C" time_t time(time_t* now) noexcept {
  timespec wall{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  if (now != nullptr) *now = wall.tv_sec;
  return wall.tv_sec;
}
