// One training in several processes, by the built program: the same losses as by one, and what the others do
// when one is killed, hangs, is cut off or differs.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sched.h>

#include <cstdlib>
#include <fstream>
#include <memory>

#include "drawn_people.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/text.hpp"
#include "support/scoped_variable.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Program;
using test::ScopedVariable;
using test::TempFolder;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class SeveralProcesses : public test::DrawnPeople {
 protected:
  /// The trained model in the box: random weights magnify the last digits step by step.
  static void SetUpTestSuite() {
    DrawnPeople::SetUpTestSuite();
    write_experiment(
        "input: {size: 48}\nmodel: {weights: fer, dropout: 0}\n"
        "train: {batch_size: 28, stages: [{lr: 1e-4}], optimizer: {name: sgd, momentum: 0},\n"
        "  schedule: {name: constant}, device: cpu}\n");
  }

  /// fer-train on them.
  static Program train(const std::string& name, std::vector<std::string> more) {
    const ScopedVariable one_thread("OMP_NUM_THREADS", "1");
    more.insert(more.begin(), {"-c", path("base.yaml"), "--name", name, "-q"});
    return {"fer-train", more, *folder_};
  }

  /// A column of the run's results.csv.
  static std::vector<double> column(const std::string& run, const std::string& name) {
    const CsvTable table = read_csv_table(path("runs/" + run + "/results.csv"));
    std::vector<double> values;
    const std::size_t at = table.require(name);
    for (const auto& row : table.rows) values.push_back(parse_number(row.fields[at]).value());
    return values;
  }

  /// By 1, 2 and 4 processes.
  static void expect_same_losses(const std::string& name, const std::vector<std::string>& more,
                                 double tolerance) {
    for (const int processes : {1, 2, 4}) {
      std::vector<std::string> arguments = more;
      arguments.insert(arguments.end(), {"--nproc", std::to_string(processes)});
      const Program program = train(fmt::format("{}-{}", name, processes), arguments);
      ASSERT_EQ(program.wait(), 0) << program.err();
    }
    for (const std::string figure : {"train_loss", "val_loss"}) {
      const std::vector<double> alone = column(name + "-1", figure);
      for (const int processes : {2, 4}) {
        const std::vector<double> shared = column(fmt::format("{}-{}", name, processes), figure);
        ASSERT_EQ(shared.size(), alone.size());
        for (std::size_t i = 0; i < alone.size(); ++i)
          EXPECT_NEAR(shared[i], alone[i], tolerance) << figure << " of epoch " << i + 1 << ", " << processes;
      }
    }
  }
};

/// Each epoch is a step.
TEST_F(SeveralProcesses, HaveTheLossesOfOneOverTwentySteps) {
  expect_same_losses("steps", {"--epochs", "20"}, 1e-4);
}

/// Batches of 9 divide unevenly, the last, of 2, has no samples for some; two batches make a step, and the
/// loss weighs classes.
TEST_F(SeveralProcesses, HaveTheLossesOfOneWhateverIsLeftOver) {
  expect_same_losses("uneven",
                     {"--epochs", "3", "-b", "9", "--set", "train.optimizer.accumulate=2", "--set",
                      "train.loss.class_weights=balanced", "--set", "train.optimizer.clip_norm=1"},
                     2e-4);
}

/// BatchNorm is frozen below the head, and what is frozen is computed once, a part by each.
TEST_F(SeveralProcesses, ShareWhatIsComputedOnce) {
  expect_same_losses(
      "frozen", {"--epochs", "5", "--set", "train.stages=[{trainable: head, lr: 1e-2, views: 2}]"}, 1e-5);
}

TEST_F(SeveralProcesses, KeepTheFirstsStatisticsWhereEachHasItsOwn) {
  const Program program = train("own", {"--epochs", "2", "-b", "9", "--nproc", "3", "--set",
                                        "train.sync_batchnorm=false", "--set", "train.ema=0.9"});
  EXPECT_EQ(program.wait(), 0) << program.err();
  EXPECT_EQ(column("own", "val_loss").size(), 2U);
}

std::vector<pid_t> children_of(pid_t parent) {
  std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", parent));
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

TEST_F(SeveralProcesses, EndWithOneLineWhenOneIsKilledAndGoOnAsAnotherNumber) {
  {
    const Program program =
        train("killed", {"--epochs", "500", "--nproc", "3", "--set", "train.save_every=0"});
    wait_for([&] { return fs::exists(path("runs/killed/results.csv")); });
    const std::vector<pid_t> ranks = children_of(program.id());
    ASSERT_EQ(ranks.size(), 3U);
    ::kill(ranks[1], SIGKILL);
    EXPECT_EQ(program.wait(), 1);
    EXPECT_THAT(program.err(), AllOf(HasSubstr("error: rank 1 (process "), EndsWith("--resume\n")));
    EXPECT_EQ(program.err().find("error: "), program.err().rfind("error: ")) << program.err();
  }
  const std::size_t done = column("killed", "train_loss").size();
  const Program resumed("fer-train", {"--resume", path("runs/killed"), "--nproc", "2", "-q"}, *folder_);
  wait_for([&] { return column("killed", "train_loss").size() > done; });
  resumed.send(SIGTERM);
  EXPECT_EQ(resumed.wait(), 143) << resumed.err();
  const std::vector<double> epochs = column("killed", "epoch");
  ASSERT_GT(epochs.size(), done);
  for (std::size_t i = 0; i < epochs.size(); ++i) EXPECT_EQ(epochs[i], static_cast<double>(i + 1));
}

TEST_F(SeveralProcesses, SayItForTheFirstWhenThatIsKilled) {
  const Program program = train("first", {"--epochs", "500", "--nproc", "2"});
  wait_for([&] { return fs::exists(path("runs/first/results.csv")); });
  ::kill(children_of(program.id()).at(0), SIGKILL);
  EXPECT_EQ(program.wait(), 1);
  EXPECT_THAT(program.err(), HasSubstr("error: rank 0 ended with signal 9"));
}

TEST_F(SeveralProcesses, EndWithinTheTimeoutWhenOneHangs) {
  const Program program = train("hangs", {"--epochs", "500", "--nproc", "2", "--timeout", "3"});
  wait_for([&] { return fs::exists(path("runs/hangs/results.csv")); });
  ::kill(children_of(program.id()).at(1), SIGSTOP);
  EXPECT_EQ(program.wait(), 1);
  EXPECT_THAT(program.err(), AllOf(HasSubstr("error: rank 1 (process "), HasSubstr("no longer answers")));
}

TEST_F(SeveralProcesses, StopTogetherOnRequest) {
  const Program program = train("stopped", {"--epochs", "500", "--nproc", "2"});
  wait_for([&] { return fs::exists(path("runs/stopped/results.csv")); });
  program.send(SIGTERM);
  EXPECT_EQ(program.wait(), 143) << program.err();
  EXPECT_THAT(read_file(path("runs/stopped/manifest.json")), HasSubstr(R"("end": "stopped")"));
  EXPECT_TRUE(fs::exists(path("runs/stopped/state.safetensors")));
}

/// As torchrun would start them, without it.
class Torchrun {
 public:
  Torchrun(int rank, int size, const std::string& address, int port) {
    set("RANK", std::to_string(rank));
    set("WORLD_SIZE", std::to_string(size));
    set("LOCAL_RANK", std::to_string(rank));
    set("MASTER_ADDR", address);
    set("MASTER_PORT", std::to_string(port));
  }

 private:
  void set(const char* name, const std::string& value) {
    variables_.push_back(std::make_unique<ScopedVariable>(name, value));
  }
  std::vector<std::unique_ptr<ScopedVariable>> variables_;
};

int free_port() { return 20000 + static_cast<int>(::getpid()) % 10000; }

Program start_rank(int rank, const std::vector<std::string>& arguments, const TempFolder& streams,
                   const std::string& address = "127.0.0.1") {
  const Torchrun environment(rank, 2, address, free_port());
  return {"fer-train", arguments, streams};
}

/// Connections to it can still be made, but are not answered.
TEST_F(SeveralProcesses, EndWithinTheTimeoutWhenTheFirstHangsAndTheStoreWithIt) {
  const TempFolder first, second;
  const std::vector<std::string> arguments = {"-c",  path("base.yaml"), "--name", "store", "-q", "--epochs",
                                              "500", "--timeout",       "3"};
  const Program rank0 = start_rank(0, arguments, first);
  const Program rank1 = start_rank(1, arguments, second);
  wait_for([&] { return fs::exists(path("runs/store/results.csv")); });
  rank0.send(SIGSTOP);
  EXPECT_EQ(rank1.wait(), 1);
  EXPECT_THAT(rank1.err(), HasSubstr("error: rank 0 at 127.0.0.1:"));
  rank0.send(SIGKILL);
  rank0.wait();
}

TEST_F(SeveralProcesses, RefuseToBeginWithDifferentConfigurations) {
  const TempFolder first, second;
  const std::vector<std::string> arguments = {"-c", path("base.yaml"), "--name", "differ", "-q"};
  std::vector<std::string> other = arguments;
  other.insert(other.end(), {"--set", "train.stages.0.lr=2e-4"});
  const Program rank0 = start_rank(0, arguments, first);
  const Program rank1 = start_rank(1, other, second);
  EXPECT_EQ(rank0.wait(), 2);
  EXPECT_EQ(rank1.wait(), 2);
  for (const Program* rank : {&rank0, &rank1})
    EXPECT_EQ(
        rank->err(),
        "error: the configuration: rank 1 has 'lr: 0.0002' where rank 0 has 'lr: 0.0001'; all ranks need "
        "the same\n");
  EXPECT_FALSE(fs::exists(path("runs/differ")));
}

/// Machines may have different files under the same name.
TEST_F(SeveralProcesses, RefuseToBeginWithDifferentWeights) {
  const TempFolder streams[2];
  std::string weights = read_file(FER_SOURCE_DIR "/data/models/fer-mobilenet_v2.safetensors");
  std::vector<std::unique_ptr<Program>> ranks;
  for (int rank = 0; rank < 2; ++rank) {
    const fs::path models = *folder_ / fmt::format("models-{}", rank);
    make_folder(models);
    weights.back() = static_cast<char>(weights.back() ^ rank);
    write_file(models / "mobilenet_v2-imagenet.safetensors", weights);
    ranks.push_back(
        std::make_unique<Program>(start_rank(rank,
                                             {"-c", path("base.yaml"), "--name", "weights", "-q", "--set",
                                              "model.weights=imagenet", "--models-dir", models.string()},
                                             streams[rank])));
  }
  for (const auto& rank : ranks) {
    EXPECT_EQ(rank->wait(), 3);
    EXPECT_THAT(rank->err(), StartsWith("error: the starting weights: rank 1 has 'SHA-256 "));
  }
}

/// Two namespaces with a cable between them, as two machines have; gone at the end.
class TwoNetworks {
 public:
  TwoNetworks() {
    made_ = shell(
        "ip netns add {a} && ip netns add {b} && ip link add {a} type veth peer name {b} && "
        "ip link set {a} netns {a} && ip link set {b} netns {b} && "
        "ip -n {a} addr add 10.213.7.1/24 dev {a} && ip -n {b} addr add 10.213.7.2/24 dev {b} && "
        "ip -n {a} link set {a} up && ip -n {b} link set {b} up && "
        "ip -n {a} link set lo up && ip -n {b} link set lo up");
  }
  ~TwoNetworks() { shell("ip netns del {a}; ip netns del {b}; ip link del {a}"); }
  TwoNetworks(const TwoNetworks&) = delete;
  TwoNetworks& operator=(const TwoNetworks&) = delete;

  bool made() const { return made_; }
  void cut() const { shell("ip -n {b} link set {b} down"); }

  /// Moves this process, and what it starts from now on, into one of them.
  void enter(int which) const { enter("/run/netns/" + (which == 0 ? a_ : b_)); }
  void leave() const { enter("/proc/1/ns/net"); }

 private:
  static void enter(const std::string& name) {
    const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    ::setns(file, CLONE_NEWNET);
    ::close(file);
  }

  bool shell(const std::string& command) const {
    return std::system(fmt::format("({}) >/dev/null 2>&1",
                                   fmt::format(fmt::runtime(command), fmt::arg("a", a_), fmt::arg("b", b_)))
                           .c_str()) == 0;
  }

  std::string a_ = fmt::format("fer-a{}", ::getpid());
  std::string b_ = fmt::format("fer-b{}", ::getpid());
  bool made_ = false;
};

TEST_F(SeveralProcesses, EndWithinTheTimeoutWhenTheNetworkBetweenThemIsCut) {
  const TwoNetworks networks;
  if (!networks.made()) GTEST_SKIP() << "needs the right to make network namespaces, and ip (iproute2)";
  const TempFolder streams[2];
  const std::vector<std::string> arguments = {"-c",  path("base.yaml"), "--name", "cut", "-q", "--epochs",
                                              "500", "--timeout",       "5"};
  std::vector<std::unique_ptr<Program>> ranks;
  for (const int rank : {0, 1}) {
    networks.enter(rank);
    ranks.push_back(std::make_unique<Program>(start_rank(rank, arguments, streams[rank], "10.213.7.1")));
  }
  networks.leave();
  wait_for([&] { return fs::exists(path("runs/cut/results.csv")); });
  networks.cut();
  for (const auto& rank : ranks) EXPECT_EQ(rank->wait(), 1);
  EXPECT_THAT(ranks[0]->err(), AllOf(HasSubstr("error: rank 1 (process "), HasSubstr("no longer answers")));
  EXPECT_THAT(ranks[1]->err(), HasSubstr("error: rank 0 at 10.213.7.1:"));
}

}  // namespace
}  // namespace fer
