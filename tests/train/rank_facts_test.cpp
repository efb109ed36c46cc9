#include "fer/train/rank_facts.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <map>

#include "fer/core/error.hpp"
#include "support/error_text.hpp"
#include "support/scoped_variable.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

/// Nothing of torchrun or SLURM in the environment, but what is given.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& given) {
    for (const char* name :
         {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT",
          "TORCHELASTIC_USE_AGENT_STORE", "TORCHELASTIC_RESTART_COUNT", "SLURM_PROCID",
          "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_STEP_NODELIST", "SLURM_JOB_ID"})
      variables_.emplace_back(name, std::nullopt);
    for (const auto& [name, value] : given) variables_.emplace_back(name, value);
  }

 private:
  std::deque<ScopedVariable> variables_;
};

TEST(RankFacts, AProcessOnItsOwnHasNone) {
  const Environment environment({});
  EXPECT_FALSE(rank_of_environment());
}

TEST(RankFacts, AreWhatTorchrunSays) {
  const Environment environment({{"RANK", "5"},
                                 {"WORLD_SIZE", "8"},
                                 {"LOCAL_RANK", "1"},
                                 {"LOCAL_WORLD_SIZE", "4"},
                                 {"MASTER_ADDR", "node7"},
                                 {"MASTER_PORT", "29500"},
                                 {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                 {"TORCHELASTIC_RESTART_COUNT", "2"}});
  EXPECT_EQ(rank_of_environment(), (RankFacts{.rank = 5,
                                              .world_size = 8,
                                              .local_rank = 1,
                                              .cores_shared_by = 4,
                                              .address = "node7",
                                              .port = 29500,
                                              .launcher_holds_store = true,
                                              .attempt = "2"}));
}

TEST(RankFacts, AreWhatSrunSaysWithAPortOfTheJobsNumber) {
  const Environment environment({{"SLURM_PROCID", "3"},
                                 {"SLURM_STEP_NUM_TASKS", "4"},
                                 {"SLURM_LOCALID", "1"},
                                 {"SLURM_STEP_NODELIST", "gpu[07-08]"},
                                 {"SLURM_JOB_ID", "4020003"}});
  EXPECT_EQ(rank_of_environment(),
            (RankFacts{.rank = 3, .world_size = 4, .local_rank = 1, .address = "gpu07", .port = 20003}));
}

TEST(RankFacts, ATaskThatSrunStartsAloneHasNone) {
  const Environment environment({{"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}});
  EXPECT_FALSE(rank_of_environment());
}

TEST(RankFacts, AVariableThatIsMissingOrMakesNoSenseIsNamed) {
  const std::map<std::string, std::string> whole = {
      {"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "here"}, {"MASTER_PORT", "1"}};
  for (const auto& [name, value] : whole) {
    auto given = whole;
    given.erase(name);
    const Environment environment(given);
    EXPECT_THAT(error_text(ErrorKind::usage, [] { return rank_of_environment(); }),
                HasSubstr(name + " is not set"));
  }
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"RANK", "2"}, {"WORLD_SIZE", "two"}, {"MASTER_PORT", "70000"}, {"LOCAL_RANK", "-1"}}) {
    auto given = whole;
    given[name] = value;
    const Environment environment(given);
    EXPECT_THAT(error_text(ErrorKind::usage, [] { return rank_of_environment(); }),
                HasSubstr(name + "=" + value));
  }
}

TEST(RankFacts, TheFirstMachineOfASlurmListIsFound) {
  EXPECT_EQ(first_of_nodes("node1"), "node1");
  EXPECT_EQ(first_of_nodes("node1,node2"), "node1");
  EXPECT_EQ(first_of_nodes("node[07-09,12],gpu1"), "node07");
  EXPECT_EQ(first_of_nodes("rack[3,5]-node,x"), "rack3-node");
  EXPECT_EQ(first_of_nodes("a,b[1-2]"), "a");
  EXPECT_THROW(first_of_nodes("node[1-2"), Error);
}

}  // namespace
}  // namespace fer::test
