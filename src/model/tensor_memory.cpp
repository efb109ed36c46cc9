#include "fer/model/tensor_memory.hpp"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <mutex>

#include "block_arena.hpp"

namespace fer {
namespace {

constexpr std::size_t kSmallTensor = std::size_t{1} << 18;  // below, malloc does as well

/// Addresses for all of the machine's memory; pages come when they are first written to.
class ArenaAllocator final : public c10::Allocator {
 public:
  ArenaAllocator(char* base, std::size_t capacity) : base_(base), end_(base + capacity), arena_(capacity) {}

  c10::DataPtr allocate(std::size_t bytes) override {
    if (bytes >= kSmallTensor) {
      const std::lock_guard lock(mutex_);
      if (const auto offset = arena_.take(bytes)) {
        void* const data = base_ + *offset;
        return {data, data, &give_back, c10::Device(c10::kCPU)};
      }
    }
    void* const data = small().raw_allocate(bytes);
    return {data, data, &give_back, c10::Device(c10::kCPU)};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }

  /// The one allocator of the process; LibTorch's interface has no room for another way to find it.
  static ArenaAllocator*& instance() {
    static ArenaAllocator* allocator = nullptr;
    return allocator;
  }

 private:
  static c10::Allocator& small() { return *c10::GetDefaultCPUAllocator(); }

  static void give_back(void* data) {
    ArenaAllocator& self = *instance();
    if (data < self.base_ || data >= self.end_) {
      small().raw_deallocate(data);
      return;
    }
    const std::lock_guard lock(self.mutex_);
    self.arena_.give(static_cast<std::size_t>(static_cast<char*>(data) - self.base_));
  }

  char* base_;
  char* end_;
  BlockArena arena_;
  std::mutex mutex_;
};

}  // namespace

void keep_tensor_memory() {
  if (ArenaAllocator::instance() != nullptr) return;
  constexpr std::size_t kHugePage = std::size_t{1} << 21;
  const auto capacity =
      static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const range = ::mmap(nullptr, capacity + kHugePage, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return;
  void* base = range;
  std::size_t space = capacity + kHugePage;
  std::align(kHugePage, capacity, base, space);
  ::madvise(base, capacity, MADV_HUGEPAGE);
  // Never freed: tensors outlive every owner it could have.
  ArenaAllocator::instance() = new ArenaAllocator(static_cast<char*>(base), capacity);
  c10::SetCPUAllocator(ArenaAllocator::instance(), /*priority=*/1);
}

}  // namespace fer
