#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "fer/core/error.hpp"
#include "fer/train/rank_facts.hpp"

namespace fer {

/// How processes talk to one another.
struct ProcessGroupOptions {
  std::string backend = "auto";    ///< gloo, nccl, or auto: nccl between GPUs where LibTorch has it
  c10::Device device = c10::kCPU;  ///< what the tensors to exchange lie on, besides the CPU
  double timeout = 120;            ///< seconds until a rank that does not answer is given up
};

/// The processes that train one classifier together, by LibTorch's c10d. All call the same members in the
/// same order; each of them waits for the others. Where one no longer takes part, the others get a failure
/// that names it, at once where its connections break, within `timeout` and some seconds where it hangs or
/// the network is cut. Sets SIGPIPE to be ignored in this process, as c10d writes to connections that others
/// may have closed.
class ProcessGroup {
 public:
  /// This process alone: nothing to wait for.
  ProcessGroup();

  /// Throws a failure that names the ranks which do not come within `timeout`, and a usage error for a
  /// backend that this LibTorch does not have.
  ProcessGroup(const RankFacts& facts, const ProcessGroupOptions& options);
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  bool is_alone() const { return impl_ == nullptr; }
  int rank() const { return facts_.rank; }
  int size() const { return facts_.world_size; }

  /// Rank 0, which alone writes files and speaks.
  bool leads() const { return facts_.rank == 0; }
  const RankFacts& facts() const { return facts_; }

  /// Adds the tensors of all ranks up, in place: the same bits in each.
  void sum(at::Tensor& tensor) const;

  /// Of a tensor of which each rank has filled other values and left the rest 0: all values, in each.
  void fill_in(at::Tensor& tensor) const;

  /// Rank 0's values for all.
  void take_leaders(at::Tensor& tensor) const;
  std::string leaders_text(const std::string& text) const;

  /// Whether it is so in some rank.
  bool any(bool here) const;

  /// Throws an error of `kind` that tells which rank differs from rank 0 and in what line, if one does;
  /// `what` names the text.
  void require_same(std::string_view what, const std::string& text, ErrorKind kind) const;

  /// Calls `work` in the first process of each machine, then in its others: what the first leaves in a cache
  /// the others find. May take longer than the timeout.
  void first_then_others(const std::function<void()>& work) const;

  /// Calls `exchange`, which talks to the other ranks by means of c10d: its failure for want of a rank is
  /// thrown as this class does.
  void guard(const std::function<void()>& exchange) const;

  /// Whoever launched the ranks has not asked them to stop, and the store still answers.
  bool may_go_on() const;

  /// Tells the others why this rank ends before they do.
  void leave(const std::string& reason) const;

  struct Impl;
  const Impl* impl() const { return impl_.get(); }

 private:
  void connect() const;

  /// Looks again and again whether it is `ready`; throws where a rank is missing meanwhile.
  void wait_for(const std::function<bool()>& ready) const;

  RankFacts facts_;
  std::unique_ptr<Impl> impl_;
};

/// A store for ranks on this machine, held as long as this lives. SIGPIPE is ignored from then on, as above.
class LocalStore {
 public:
  LocalStore();
  ~LocalStore();
  LocalStore(const LocalStore&) = delete;
  LocalStore& operator=(const LocalStore&) = delete;

  int port() const;

  /// Asks all ranks to stop, after which ProcessGroup::may_go_on() is false in them.
  void ask_to_stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fer
