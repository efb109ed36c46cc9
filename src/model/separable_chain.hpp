#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "map_layers.hpp"

namespace fer {

/// A pointwise layer, then a depthwise one of stride 1.
struct SeparableBlock {
  bool halves = false;  ///< takes of what the block before makes the greatest of 2x2 pixels
  ConvLayer pointwise = {};
  DepthwiseLayer depthwise = {};
};

/// Gives a row of a map. Where it has to be made it may lie in `memory`, a thread's own, until the next call.
using RowSource = std::function<MapView(int row, std::array<MapBuffer, 2>& memory)>;

/// Blocks one after the other. Rows go through all of them at once: of the maps between, a thread keeps the
/// few rows it needs, and these stay in its cache. For one thread at a time, which LibTorch's others help.
class SeparableChain {
 public:
  void add(SeparableBlock block) { blocks_.push_back(std::move(block)); }

  /// `source`: the first block's input, of that size. The result lasts until the next run.
  MapView run(int height, int width, const RowSource& source);
  MapView run(const MapView& in);

 private:
  /// What a thread keeps of a block.
  struct Rows {
    int height = 0;          // of the block's maps
    int ready = 0;           // the first row that `pointwise` has not held yet
    MapView pointwise = {};  // three rows
    MapView made = {};       // two
    MapView halved = {};     // one of the input
    std::array<MapBuffer, 3> memory = {};
  };
  struct Workspace {
    const RowSource* source = nullptr;
    std::array<MapBuffer, 2> source_memory = {};
    std::vector<Rows> rows = {};  // by block
  };

  void begin(Workspace& workspace, int height, int width, int first_row) const;
  void make_row(Workspace& workspace, std::size_t block, int row, const MapView& out) const;
  MapView input_row(Workspace& workspace, std::size_t block, int row) const;

  std::vector<SeparableBlock> blocks_;
  MapBuffer result_;
  std::vector<Workspace> workspaces_;  // by thread
};

}  // namespace fer
