#include "separable_chain.hpp"

#include <ATen/Parallel.h>

#include <algorithm>

namespace fer {
namespace {

constexpr int kFewestRows = 6;  // worth a thread: what lies above and below is made by its neighbours, too

}  // namespace

MapView SeparableChain::run(const MapView& in) {
  return run(in.height, in.width, [&](int row, auto&) { return in.rows(row, 1); });
}

MapView SeparableChain::run(int height, int width, const RowSource& source) {
  const auto halvings = std::ranges::count(blocks_, true, &SeparableBlock::halves);
  const MapView out =
      result_.shaped(height >> halvings, width >> halvings, stored_channels(blocks_.back().pointwise.out));
  workspaces_.resize(static_cast<std::size_t>(at::get_num_threads()));
  at::parallel_for(0, out.height, kFewestRows, [&](std::int64_t first, std::int64_t end) {
    Workspace& workspace = workspaces_[static_cast<std::size_t>(at::get_thread_num())];
    workspace.source = &source;
    begin(workspace, height, width, static_cast<int>(first));
    for (auto row = static_cast<int>(first); row < static_cast<int>(end); ++row)
      make_row(workspace, blocks_.size() - 1, row, out.rows(row, 1));
  });
  return out;
}

/// Rows of the result are going to be made from `first_row` on.
void SeparableChain::begin(Workspace& workspace, int height, int width, int first_row) const {
  workspace.rows.resize(blocks_.size());
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    Rows& rows = workspace.rows[i];
    if (blocks_[i].halves) {
      height /= 2;
      width /= 2;
      rows.halved = rows.memory[2].shaped(1, width, workspace.rows[i - 1].made.channels);
    }
    const int channels = stored_channels(blocks_[i].pointwise.out);
    rows.height = height;
    rows.pointwise = rows.memory[0].shaped(3, width, channels);
    rows.made = rows.memory[1].shaped(2, width, channels);
  }
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    first_row = std::max(0, first_row - 1);
    workspace.rows[i].ready = first_row;
    if (blocks_[i].halves) first_row *= 2;
  }
}

/// To be called for one row after the other.
void SeparableChain::make_row(Workspace& workspace, std::size_t block, int row, const MapView& out) const {
  Rows& rows = workspace.rows[block];
  for (; rows.ready < std::min(row + 2, rows.height); ++rows.ready) {
    convolve(blocks_[block].pointwise, input_row(workspace, block, rows.ready),
             rows.pointwise.rows(rows.ready % 3, 1));
  }
  const auto below = [&](int position) {
    return position >= 0 && position < rows.height ? rows.pointwise.at(position % 3, 0) : nullptr;
  };
  filter_row(blocks_[block].depthwise, {below(row - 1), below(row), below(row + 1)}, out);
}

MapView SeparableChain::input_row(Workspace& workspace, std::size_t block, int row) const {
  if (block == 0) return (*workspace.source)(row, workspace.source_memory);
  const MapView made = workspace.rows[block - 1].made;
  if (!blocks_[block].halves) {
    make_row(workspace, block - 1, row, made.rows(0, 1));
    return made.rows(0, 1);
  }
  for (const int k : {0, 1}) make_row(workspace, block - 1, 2 * row + k, made.rows(k, 1));
  max_pool({.size = 2, .stride = 2}, made, workspace.rows[block].halved);
  return workspace.rows[block].halved;
}

}  // namespace fer
