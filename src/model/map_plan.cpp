#include "map_plan.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <type_traits>
#include <utility>

#include "fer/vision/pixel_values.hpp"
#include "map_steps.hpp"

namespace fer {
namespace {

template <class T>
class PlannedMaps final : public Network {
 public:
  PlannedMaps(MapProgram<T> program, const Preprocessing& preprocessing)
      : program_(std::move(program)), size_(preprocessing.size) {
    const PixelValues values(preprocessing);
    for (std::size_t c = 0; c < numbers_.size(); ++c) {
      for (std::size_t byte = 0; byte < numbers_[c].size(); ++byte)
        numbers_[c][byte] = number_of(values(c, static_cast<std::uint8_t>(byte)));
    }
  }

  std::vector<std::vector<float>> run(std::span<const std::uint8_t* const> images) override {
    std::vector<std::vector<float>> rows(images.size());
    const auto run_some = [&](std::size_t first, std::size_t last, int threads) {
      for (; first < last; first += kTogether) {
        const std::size_t count = std::min(kTogether, last - first);
        compute(images.subspan(first, count), std::span(rows).subspan(first, count), threads);
      }
    };
    const int threads = at::in_parallel_region() ? 1 : std::min(at::get_num_threads(), program_.shares);
    const std::int64_t each = std::ssize(images) / threads;  // images that a thread does alone
    at::parallel_for(0, each * threads, std::max<std::int64_t>(1, each),
                     [&](std::int64_t first, std::int64_t last) {
                       run_some(static_cast<std::size_t>(first), static_cast<std::size_t>(last), 1);
                     });
    const auto done = static_cast<std::size_t>(each * threads);
    if (done < images.size()) run_some(done, images.size(), threads);
    return rows;
  }

 private:
  static constexpr std::size_t kTogether = 4;  // images

  /// A workspace, until the end of a scope.
  class Lease {
   public:
    explicit Lease(const PlannedMaps& plan) : plan_(plan), memory_(plan.take()) {}
    ~Lease() {
      if (memory_.defined()) plan_.give(std::move(memory_));
    }
    Lease(Lease&&) noexcept = default;

    std::byte* bytes() const { return static_cast<std::byte*>(memory_.mutable_data_ptr()); }

   private:
    const PlannedMaps& plan_;
    at::Tensor memory_;
  };

  at::Tensor take() const {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return at::zeros({static_cast<std::int64_t>(program_.bytes)}, at::kByte);
    at::Tensor memory = std::move(free_.back());
    free_.pop_back();
    return memory;
  }

  void give(at::Tensor memory) const {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(memory));
  }

  /// Each image for itself as long as its maps are large, then all of them step by step, which takes every
  /// weight from memory but once.
  void compute(std::span<const std::uint8_t* const> images, std::span<std::vector<float>> rows, int threads) {
    std::vector<Lease> memory;
    for (const std::uint8_t* image : images) {
      std::byte* const own = memory.emplace_back(*this).bytes();
      share_out(threads, [&](Share share) { put_image(image, own, share); });
      for (std::size_t s = 0; s < program_.joint; ++s) do_step(program_.steps[s], own, threads);
    }
    for (std::size_t s = program_.joint; s < program_.steps.size(); ++s) {
      for (const Lease& own : memory) do_step(program_.steps[s], own.bytes(), threads);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto* logits =
          reinterpret_cast<const float*>(memory[i].bytes() + program_.values[program_.result].offset);
      rows[i].assign(logits, logits + program_.classes);
    }
  }

  void do_step(const MapStep& step, std::byte* memory, int threads) const {
    share_out(step.large ? threads : 1,
              [&](Share share) { run_step<T>(step, program_.values, memory, share); });
  }

  template <class Work>
  static void share_out(int parts, const Work& work) {
    if (parts == 1) return work({.part = 0, .parts = 1});
    at::parallel_for(0, parts, 1, [&](std::int64_t first, std::int64_t last) {
      for (; first < last; ++first) work({.part = static_cast<int>(first), .parts = parts});
    });
  }

  T number_of(float value) const {
    if constexpr (std::is_same_v<T, Bf16>) return to_bf16(value);
    if constexpr (std::is_same_v<T, Byte>) {
      const ByteScale scale = program_.values[0].scale;
      const float byte = std::nearbyint(value / scale.step) + static_cast<float>(scale.zero);
      return static_cast<T>(std::clamp(byte, 0.0F, 255.0F));
    }
    if constexpr (std::is_same_v<T, float>) return value;
  }

  /// Into a map whose edges are 0.
  void put_image(const std::uint8_t* image, std::byte* memory, Share share) const {
    const MapValue& value = program_.values[0];
    const int edge = (value.shape.height - size_) / 2;
    const std::ptrdiff_t line = std::ptrdiff_t{value.shape.width} * 3;
    const Range rows = range_of(value.shape.height, 1, share);
    for (int y = rows.first; y < rows.last; ++y) {
      T* to = reinterpret_cast<T*>(memory + value.offset) + y * line;
      std::fill_n(to, line, number_of(0));
      if (y < edge || y >= edge + size_) continue;
      to += edge * 3;
      const std::uint8_t* from = image + std::ptrdiff_t{y - edge} * size_ * 3;
      for (int x = 0; x < size_; ++x, to += 3, from += 3) {
        for (std::size_t c = 0; c < 3; ++c) to[c] = numbers_[c][from[c]];
      }
    }
  }

  MapProgram<T> program_;
  int size_;
  std::array<std::array<T, 256>, 3> numbers_;  // what an image's bytes become
  mutable std::mutex mutex_;
  mutable std::vector<at::Tensor> free_;
};

template <class T>
std::unique_ptr<Network> plan_of(std::optional<MapProgram<T>> program, const Preprocessing& preprocessing) {
  if (!program) return nullptr;
  return std::make_unique<PlannedMaps<T>>(std::move(*program), preprocessing);
}

}  // namespace

std::unique_ptr<Network> plan_maps(const LayerList& layers, const Preprocessing& preprocessing, bool bf16) {
  if (!bf16) return plan_of(make_program<float>(layers, preprocessing.size), preprocessing);
  return has_tiles() ? plan_of(make_program<Bf16>(layers, preprocessing.size), preprocessing) : nullptr;
}

std::unique_ptr<Network> plan_maps(const QuantisedLayers& layers, const Preprocessing& preprocessing) {
  return has_byte_kernels() ? plan_of(make_program(layers, preprocessing.size), preprocessing) : nullptr;
}

}  // namespace fer
