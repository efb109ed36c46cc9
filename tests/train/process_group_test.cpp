#include "fer/train/process_group.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <exception>
#include <functional>
#include <thread>

#include "fer/core/stopwatch.hpp"
#include "gradient_reducer.hpp"
#include "peer_watch.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// The text of what `call` throws; "" for nothing.
std::string thrown_by(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

/// Ranks as threads of this process, which is all the same to their store and connections.
class Ranks {
 public:
  explicit Ranks(int size, double timeout = 20) : size_(size), timeout_(timeout) {}

  RankFacts facts(int rank) const {
    return {.rank = rank,
            .world_size = size_,
            .local_rank = rank,
            .address = "127.0.0.1",
            .port = store_.port(),
            .launcher_holds_store = true};
  }

  /// What each rank's `work` threw; "" where it threw nothing. All ranks, or those that are `only` there.
  std::vector<std::string> run(const std::function<void(const ProcessGroup&)>& work,
                               const std::vector<int>& only = {}) const {
    std::vector<std::string> errors(static_cast<std::size_t>(size_));
    {
      std::vector<std::jthread> threads;
      for (int rank = 0; rank < size_; ++rank) {
        if (!only.empty() && std::ranges::find(only, rank) == only.end()) continue;
        threads.emplace_back([&, rank] {
          errors[static_cast<std::size_t>(rank)] = thrown_by([&] {
            const ProcessGroup group(facts(rank), {.timeout = timeout_});
            work(group);
          });
        });
      }
    }
    return errors;
  }

 private:
  int size_;
  double timeout_;
  LocalStore store_;
};

const auto kNoErrors = testing::Each("");

TEST(ProcessGroup, AloneHasNobodyToWaitFor) {
  const ProcessGroup alone;
  at::Tensor tensor = at::tensor({1.0, 2.0});
  alone.sum(tensor);
  EXPECT_EQ(tensor[1].item<double>(), 2);
  EXPECT_EQ(alone.leaders_text("own"), "own");
  EXPECT_TRUE(alone.any(true));
  EXPECT_FALSE(alone.any(false));
  EXPECT_TRUE(alone.leads());
  EXPECT_TRUE(alone.may_go_on());
}

TEST(ProcessGroup, GivesEveryRankTheSumTheWholeAndWhatTheFirstHas) {
  const Ranks ranks(3);
  const auto errors = ranks.run([](const ProcessGroup& group) {
    at::Tensor sum = at::full({1000}, group.rank() + 0.25, at::kFloat);
    group.sum(sum);
    EXPECT_TRUE(at::equal(sum, at::full({1000}, 3.75, at::kFloat)));
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      at::Tensor rows = at::zeros({3, 5}, type);
      rows[group.rank()].fill_(-1.0 / (group.rank() + 1));
      group.fill_in(rows);
      for (int row = 0; row < 3; ++row)
        EXPECT_TRUE(at::equal(rows[row], at::full({5}, -1.0 / (row + 1), type)));
    }
    EXPECT_EQ(group.leaders_text(group.leads() ? std::string("a\0b", 3) : "own"), std::string("a\0b", 3));
    EXPECT_EQ(group.leaders_text(group.leads() ? "" : "own"), "");
    EXPECT_TRUE(group.any(group.rank() == 2));
    EXPECT_FALSE(group.any(false));
  });
  EXPECT_THAT(errors, kNoErrors);
}

TEST(ProcessGroup, RefusesWhatDiffersInEveryRankAndNamesIt) {
  const Ranks ranks(3);
  const auto errors = ranks.run([](const ProcessGroup& group) {
    group.require_same("the weights", "same", ErrorKind::data);
    const std::string own =
        group.rank() == 1 ? "a: 1\n  batch_size: 64\nb: 2" : "a: 1\n  batch_size: 32\nb: 2";
    group.require_same("the configuration", own, ErrorKind::usage);
  });
  EXPECT_THAT(errors, testing::Each("the configuration: rank 1 has 'batch_size: 64' where rank 0 has "
                                    "'batch_size: 32'; all ranks need the same"));
}

TEST(ProcessGroup, TheFirstOfAMachineWorksBeforeTheOthers) {
  const Ranks ranks(3);
  std::atomic<bool> made = false;
  std::atomic<int> found = 0;
  const auto errors = ranks.run([&](const ProcessGroup& group) {
    group.first_then_others([&] {
      if (group.rank() > 0) {
        found += made ? 1 : 0;
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      made = true;
    });
  });
  EXPECT_THAT(errors, kNoErrors);
  EXPECT_EQ(found, 2);
}

TEST(ProcessGroup, TheOthersSayWhyARankHasEnded) {
  const Ranks ranks(3);
  const auto errors = ranks.run([](const ProcessGroup& group) {
    if (group.rank() == 1) return group.leave("its disk is full");
    at::Tensor tensor = at::zeros({4});
    group.sum(tensor);
  });
  EXPECT_EQ(errors[1], "");
  for (const std::size_t rank : {0, 2})
    EXPECT_THAT(errors[rank], AllOf(HasSubstr("rank 1 (process "), HasSubstr("ended: its disk is full")));
}

TEST(ProcessGroup, ARankThatIsGoneWithoutAWordIsNamed) {
  const Ranks ranks(4);
  const Stopwatch stopwatch;
  const auto errors = ranks.run([](const ProcessGroup& group) {
    if (group.rank() == 2) return;
    at::Tensor tensor = at::zeros({4});
    group.sum(tensor);
  });
  for (const std::size_t rank : {0, 1, 3})
    EXPECT_THAT(errors[rank], AllOf(HasSubstr("rank 2 (process "), HasSubstr("no longer answers")));
  EXPECT_LT(stopwatch.seconds(), 15);
}

TEST(ProcessGroup, ARankThatIsLostWhileTheyConnectIsNamed) {
  constexpr double kTimeout = 4;
  const Ranks ranks(3, kTimeout);
  std::jthread lost([&] {
    const RankFacts facts = ranks.facts(1);
    const StorePtr store = connect_store(facts, /*hold=*/false, kTimeout);
    const PeerWatch watch(facts);
    put(*store, "here/1", "");
    std::this_thread::sleep_for(std::chrono::seconds(1));
  });
  const Stopwatch stopwatch;
  const auto errors = ranks.run([](const ProcessGroup&) {}, {0, 2});
  for (const std::size_t rank : {0, 2})
    EXPECT_THAT(errors[rank], AllOf(HasSubstr("rank 1 (process "), HasSubstr("no longer answers")));
  EXPECT_LT(stopwatch.seconds(), 4 * kTimeout) << "Gloo alone takes five times its timeout";
}

TEST(ProcessGroup, ARankThatLivesButTakesNoPartIsNamed) {
  const Ranks ranks(3, /*timeout=*/3);
  std::atomic<int> over = 0;
  const auto errors = ranks.run([&](const ProcessGroup& group) {
    group.any(false);
    if (group.rank() == 1) {
      while (over < 2) std::this_thread::sleep_for(std::chrono::milliseconds(50));
      return;
    }
    try {
      group.any(false);
    } catch (...) {
      ++over;
      throw;
    }
    ++over;
  });
  for (const std::size_t rank : {0, 2}) EXPECT_THAT(errors[rank], HasSubstr("rank 1 (process "));
  EXPECT_THAT(errors[0], HasSubstr("does not go on"));
}

TEST(ProcessGroup, RanksThatDoNotComeAreNamed) {
  const Ranks all(3);
  const std::string error = thrown_by([&] { const ProcessGroup group(all.facts(1), {.timeout = 1}); });
  EXPECT_THAT(error, HasSubstr("rank 1 waited 1 s in vain for rank 0, 2 of 3"));
}

TEST(ProcessGroup, AskedToStopNobodyMayGoOn) {
  LocalStore store;
  const ProcessGroup group({.address = "127.0.0.1", .port = store.port(), .launcher_holds_store = true}, {});
  EXPECT_TRUE(group.may_go_on());
  store.ask_to_stop();
  for (int i = 0; i < 100 && group.may_go_on(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(group.may_go_on());
}

TEST(LocalStore, OutlivesConnectionsThatOthersHaveClosed) {
  std::signal(SIGPIPE, SIG_DFL);
  const LocalStore store;
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1) << "and still here";
  ::close(ends[1]);
}

TEST(ProcessGroup, NcclIsForGpus) {
  LocalStore store;
  const RankFacts facts{.address = "127.0.0.1", .port = store.port(), .launcher_holds_store = true};
  EXPECT_THAT(thrown_by([&] { const ProcessGroup group(facts, {.backend = "nccl"}); }),
              HasSubstr("--backend nccl"));
}

/// Large enough for several buckets.
std::vector<at::Tensor> parameters_of_ones() {
  std::vector<at::Tensor> parameters;
  for (const std::int64_t size : {10, 400'000, 1'500'000, 3})
    parameters.push_back(at::full({size}, 1.0F, at::kFloat).requires_grad_());
  return parameters;
}

TEST(GradientReducer, GivesTheMeanOverTheRanksOfAllThatWasAdded) {
  const Ranks ranks(2);
  const auto errors = ranks.run([](const ProcessGroup& group) {
    const std::vector<at::Tensor> parameters = parameters_of_ones();
    GradientReducer reducer(parameters, group);
    const auto loss = [&](double factor) {
      at::Tensor sum = at::zeros({}, at::kFloat);
      for (const at::Tensor& parameter : parameters) sum = sum + (parameter * parameter).sum() * factor;
      return sum;
    };
    for (int step = 0; step < 3; ++step) {
      for (const at::Tensor& parameter : parameters) parameter.mutable_grad().reset();
      loss(10).backward();  // a first batch of the step, which stays here until the second
      reducer.reduce([&] { loss(group.rank() + 1).backward(); });
      for (const at::Tensor& parameter : parameters)
        EXPECT_TRUE(at::equal(parameter.grad(), at::full_like(parameter, 20 + 3))) << step;
    }
  });
  EXPECT_THAT(errors, kNoErrors);
}

}  // namespace
}  // namespace fer::test
