#include "epoch_figures.hpp"

#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <utility>

#include "divergence.hpp"

namespace fer {
namespace {

constexpr std::size_t kMostUnchecked = 32;

}  // namespace

void EpochFigures::add(const BatchFigures& figures, const std::vector<std::size_t>& samples) {
  const bool first = sums_.empty();
  sums_["loss"] = first ? figures.loss : sums_["loss"] + figures.loss;
  sums_["correct"] = first ? figures.correct : sums_["correct"] + figures.correct;
  unchecked_.push_back({.loss = figures.loss, .samples = samples});
  // A look at a loss waits for the device; a CPU has nothing to wait for.
  if (figures.loss.is_cpu() || unchecked_.size() == kMostUnchecked) check();
}

void EpochFigures::check() {
  if (unchecked_.empty()) return;
  std::vector<at::Tensor> losses;
  for (const Unchecked& batch : unchecked_) losses.push_back(batch.loss);
  at::Tensor diverged = at::stack(losses).isfinite().logical_not().to(at::kDouble).cpu();
  group_.sum(diverged);
  const auto checked = std::exchange(unchecked_, {});
  for (std::size_t i = 0; i < checked.size(); ++i) {
    if (diverged[static_cast<std::int64_t>(i)].item<double>() > 0)
      throw Diverged{.what = "its loss is no longer finite", .samples = checked[i].samples};
  }
}

TensorMap EpochFigures::totals() const {
  TensorMap totals;
  for (const auto& [name, sum] : sums_) {
    at::Tensor total = sum.clone();
    group_.sum(total);
    totals.emplace(name, total);
  }
  return totals;
}

void EpochFigures::go_on_from(const TensorMap& totals) {
  sums_.clear();
  for (const auto& [name, total] : totals)
    sums_.emplace(name, group_.leads() ? total : at::zeros_like(total));
}

}  // namespace fer
