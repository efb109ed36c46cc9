#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "fer/train/rank_facts.hpp"

namespace fer {

/// Is in the store once the ranks shall stop.
inline constexpr char kStopKey[] = "stop";

using StorePtr = c10::intrusive_ptr<c10d::Store>;

std::chrono::milliseconds in_milliseconds(double seconds);

/// A connection that another process closes is an error to whoever writes, and no longer this one's end.
void survive_closed_connections();

/// A connection to the ranks' store; the first one of rank 0 holds it, if nobody else does. Throws a
/// failure naming the address if nothing answers there within `seconds`, which then limits each request, too.
StorePtr connect_store(const RankFacts& facts, bool hold, double seconds);

/// The ranks' part of a store, of an attempt to run them.
StorePtr with_prefix(StorePtr store, const std::string& attempt);

/// What `work` returns, done by a thread of its own, as a store whose machine is gone may let requests wait
/// forever. Nothing where it throws or takes longer than `seconds`; the thread is then left to itself, so
/// `work` must own what it uses.
std::optional<std::string> within(double seconds, std::function<std::string()> work);

void put(c10d::Store& store, const std::string& key, std::string_view text);
std::string fetch(c10d::Store& store, const std::string& key);
bool has(c10d::Store& store, const std::string& key);

}  // namespace fer
