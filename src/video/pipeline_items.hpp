#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace fer {

/// What goes through a tbb::parallel_pipeline as pointers, first and last stage serial and in order. TBB
/// would not free items that own something if a stage throws while others are on their way.
template <class Item>
class PipelineItems {
 public:
  /// `most`: items that the pipeline lets in at once.
  explicit PipelineItems(std::size_t most) : places_(most) {}

  /// Takes the place of the item that came `most` before, which has left the pipeline.
  Item* add(Item item) { return &places_[count_++ % places_.size()].emplace(std::move(item)); }

  std::size_t most() const { return places_.size(); }

 private:
  std::vector<std::optional<Item>> places_;
  std::size_t count_ = 0;
};

}  // namespace fer
