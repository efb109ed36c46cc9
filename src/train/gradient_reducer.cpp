#include "gradient_reducer.hpp"

#include <algorithm>
#include <torch/csrc/distributed/c10d/reducer.hpp>

#include "native_group.hpp"

namespace fer {

struct GradientReducer::Impl {
  c10d::Reducer reducer;
};

namespace {

class NoWarnings final : public c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

constexpr std::int64_t kFirstBucket = 1 << 20;  // small, so that the exchange begins early
constexpr std::int64_t kBucket = 4 << 20;       // several for networks of a few million parameters

/// Those of the last layers, whose gradients come first, in the first bucket.
std::vector<std::vector<std::size_t>> buckets_of(const std::vector<at::Tensor>& parameters) {
  auto buckets = std::get<0>(c10d::compute_bucket_assignment_by_size(
      parameters, {static_cast<std::size_t>(kFirstBucket), static_cast<std::size_t>(kBucket)},
      std::vector<bool>(parameters.size(), false)));
  std::ranges::reverse(buckets);
  return buckets;
}

}  // namespace

GradientReducer::GradientReducer(const std::vector<at::Tensor>& parameters, const ProcessGroup& group)
    : group_(group),
      impl_(new Impl{c10d::Reducer(parameters, buckets_of(parameters), group.impl()->native,
                                   std::vector<bool>(parameters.size(), false), kBucket,
                                   /*find_unused_parameters=*/false, /*gradient_as_bucket_view=*/false,
                                   /*param_names=*/{}, kFirstBucket, /*skip_all_reduce_unused_params=*/false,
                                   /*use_python_reducer=*/false, /*bucket_bytes_cap_list=*/{})}) {}

GradientReducer::~GradientReducer() = default;

void GradientReducer::reduce(const std::function<void()>& backward) {
  // It warns of gradients whose memory layout is not the parameter's, which costs a copy and no more.
  NoWarnings quiet;
  const c10::WarningUtils::WarningHandlerGuard guard(&quiet);
  group_.guard([&] {
    impl_->reducer.rebuild_buckets();
    impl_->reducer.prepare_for_forward();
    impl_->reducer.prepare_for_backward({});
    backward();
  });
}

}  // namespace fer
