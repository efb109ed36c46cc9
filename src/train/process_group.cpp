#include "fer/train/process_group.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <future>
#include <thread>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "fer/core/host_name.hpp"
#include "fer/core/text.hpp"
#include "native_group.hpp"

namespace fer {
namespace {

using namespace std::chrono_literals;

/// Waits until every rank has said that it is here.
void come_together(c10d::Store& store, const RankFacts& facts, double timeout) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(timeout);
  put(store, fmt::format("here/{}", facts.rank), "");
  for (;;) {
    std::vector<std::string> missing;
    for (int rank = 0; rank < facts.world_size; ++rank) {
      if (!has(store, fmt::format("here/{}", rank))) missing.push_back(std::to_string(rank));
    }
    if (missing.empty()) return;
    if (std::chrono::steady_clock::now() > until)
      throw failure("rank {} waited {:g} s in vain for rank {} of {} (--timeout)", facts.rank, timeout,
                    join(missing, ", "), facts.world_size);
    std::this_thread::sleep_for(50ms);
  }
}

/// The first line in which two texts differ, of each.
std::pair<std::string, std::string> first_lines_to_differ(const std::string& a, const std::string& b) {
  std::vector<std::string> left = split(a, '\n');
  std::vector<std::string> right = split(b, '\n');
  const std::size_t lines = std::max(left.size(), right.size());
  left.resize(lines, "nothing");
  right.resize(lines, "nothing");
  const auto differ = std::ranges::mismatch(left, right);
  if (differ.in1 == left.end()) return {};
  return {std::string(trim(*differ.in1)), std::string(trim(*differ.in2))};
}

Error lost_rank(const std::string& which) { return failure("{}; go on with --resume", which); }

}  // namespace

ProcessGroup::ProcessGroup() = default;

ProcessGroup::ProcessGroup(const RankFacts& facts, const ProcessGroupOptions& options)
    : facts_(facts), impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  impl_->store = connect_store(facts, /*hold=*/true, options.timeout);
  impl_->peers = std::make_unique<PeerWatch>(facts);
  come_together(*impl_->store, facts, options.timeout);
  guard([&] { connect(); });
}

ProcessGroup::~ProcessGroup() = default;

/// Gloo alone would wait for a rank that is lost meanwhile five times as long as its timeout. A thread that
/// is given up is left to itself. Nobody goes on before all are connected.
void ProcessGroup::connect() const {
  std::packaged_task<c10::intrusive_ptr<c10d::ProcessGroup>()> make(
      [store = impl_->store, facts = facts_, options = impl_->options] {
        return make_native_group(store, facts, options);
      });
  auto native = make.get_future();
  std::thread(std::move(make)).detach();
  wait_for([&] { return native.wait_for(0s) == std::future_status::ready; });
  impl_->native = native.get();
  const bool all = impl_->store->add("connected", 1) == size();
  if (all) put(*impl_->store, "all_connected", "");
  wait_for([&] { return all || has(*impl_->store, "all_connected"); });
}

void ProcessGroup::wait_for(const std::function<bool()>& ready) const {
  for (int other = 0; !ready(); other = (other + 1) % size()) {  // one a turn, as all ask one store
    if (other != rank() && impl_->peers->is_missing(other, impl_->options.timeout))
      throw lost_rank(impl_->peers->lost().value_or(fmt::format("rank {} is lost", other)));
    std::this_thread::sleep_for(100ms);
  }
}

void ProcessGroup::guard(const std::function<void()>& exchange) const {
  if (is_alone()) return exchange();
  impl_->peers->count();
  try {
    exchange();
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {
    if (const auto lost = impl_->peers->lost()) throw lost_rank(*lost);
    throw;
  }
}

void ProcessGroup::sum(at::Tensor& tensor) const {
  if (is_alone()) return;
  guard([&] {
    std::vector<at::Tensor> tensors = {tensor};
    impl_->native->allreduce(tensors)->wait();
  });
}

/// As bytes, of which all but one are 0, so that no type can round.
void ProcessGroup::fill_in(at::Tensor& tensor) const {
  if (is_alone()) return;
  if (!tensor.is_non_overlapping_and_dense()) throw failure("only dense tensors can be filled in together");
  at::Tensor bytes = at::from_blob(tensor.data_ptr(), {static_cast<std::int64_t>(tensor.nbytes())},
                                   tensor.options().dtype(at::kByte));
  sum(bytes);
}

void ProcessGroup::take_leaders(at::Tensor& tensor) const {
  if (is_alone()) return;
  guard([&] {
    std::vector<at::Tensor> tensors = {tensor};
    impl_->native->broadcast(tensors)->wait();
  });
}

std::string ProcessGroup::leaders_text(const std::string& text) const {
  if (is_alone()) return text;
  at::Tensor size = at::tensor(static_cast<std::int64_t>(text.size()), at::kLong);
  take_leaders(size);
  const auto length = size.item<std::int64_t>();
  if (length == 0) return "";
  at::Tensor bytes = at::empty({length}, at::kByte);
  if (leads()) std::memcpy(bytes.mutable_data_ptr(), text.data(), text.size());
  take_leaders(bytes);
  return {reinterpret_cast<const char*>(bytes.const_data_ptr()), bytes.nbytes()};
}

bool ProcessGroup::any(bool here) const {
  if (is_alone()) return here;
  at::Tensor votes = at::tensor(here ? 1.0 : 0.0, at::kDouble);
  sum(votes);
  return votes.item<double>() > 0;
}

void ProcessGroup::require_same(std::string_view what, const std::string& text, ErrorKind kind) const {
  if (is_alone()) return;
  const auto [leaders, own] = first_lines_to_differ(leaders_text(text), text);
  const bool differs = leaders != own;
  const std::string key = fmt::format("differs/{}", impl_->agreements++);
  if (differs && impl_->store->add(key + "/finders", 1) == 1)
    put(*impl_->store, key,
        fmt::format("{}: rank {} has '{}' where rank 0 has '{}'; all ranks need the same", what, rank(), own,
                    leaders));
  if (any(differs)) throw Error(kind, fetch(*impl_->store, key));
}

void ProcessGroup::first_then_others(const std::function<void()>& work) const {
  if (is_alone()) return work();
  const std::string key = fmt::format("done/{}/{}", impl_->agreements++, host_name());
  if (facts_.local_rank == 0) {
    work();
    put(*impl_->store, key, "");
    return;
  }
  wait_for([&] { return has(*impl_->store, key); });
  work();
}

bool ProcessGroup::may_go_on() const { return is_alone() || impl_->peers->may_go_on(); }

void ProcessGroup::leave(const std::string& reason) const {
  if (!is_alone()) impl_->peers->leave(reason);
}

struct LocalStore::Impl {
  c10::intrusive_ptr<c10d::TCPStore> store;
};

LocalStore::LocalStore() : impl_(std::make_unique<Impl>()) {
  survive_closed_connections();
  c10d::TCPStoreOptions options;
  options.port = 0;
  options.isServer = true;
  options.waitWorkers = false;
  try {
    impl_->store = c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options);
  } catch (const std::exception&) {
    throw failure("no port of this machine can be had for the processes to find each other");
  }
}

LocalStore::~LocalStore() = default;

int LocalStore::port() const { return impl_->store->getPort(); }

void LocalStore::ask_to_stop() { put(*with_prefix(impl_->store, RankFacts().attempt), kStopKey, ""); }

}  // namespace fer
