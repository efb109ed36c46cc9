#pragma once

#include <memory>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>

#include "fer/train/process_group.hpp"
#include "peer_watch.hpp"

namespace fer {

/// c10d's side of a ProcessGroup.
struct ProcessGroup::Impl {
  StorePtr store;
  std::unique_ptr<PeerWatch> peers;
  c10::intrusive_ptr<c10d::ProcessGroup> native;  // by device: Gloo between CPUs, Gloo or NCCL between GPUs
  ProcessGroupOptions options;
  mutable int agreements = 0;  // numbers the keys that one use of the store leaves
};

/// As ProcessGroupOptions says, with `store` to find each other.
c10::intrusive_ptr<c10d::ProcessGroup> make_native_group(const StorePtr& store, const RankFacts& facts,
                                                         const ProcessGroupOptions& options);

}  // namespace fer
