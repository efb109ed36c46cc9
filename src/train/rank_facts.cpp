#include "fer/train/rank_facts.hpp"

#include <cstdlib>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

constexpr int kFirstPort = 20000;  // of jobs that name none
constexpr int kPorts = 20000;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::string require(const char* name, std::string_view launcher) {
  if (const auto value = variable(name)) return *value;
  throw usage_error("{} is not set in the environment, though {} seems to have started this process", name,
                    launcher);
}

int number_of(const char* name, const std::string& text, int least, int most) {
  const auto number = parse_number(text);
  if (!number || *number != static_cast<int>(*number) || *number < least || *number > most)
    throw usage_error("{}={} in the environment: expected a whole number from {} to {}", name, text, least,
                      most);
  return static_cast<int>(*number);
}

constexpr int kMost = 1'000'000;
constexpr int kMostPort = 65535;

/// The rank is that of the launcher's variable `rank`.
void check_rank(const RankFacts& facts, const char* rank) {
  if (facts.rank >= facts.world_size)
    throw usage_error("{}={} in the environment: there are {} ranks, from 0", rank, facts.rank,
                      facts.world_size);
}

RankFacts rank_of_torchrun() {
  constexpr std::string_view kLauncher = "torchrun";
  RankFacts facts{
      .rank = number_of("RANK", require("RANK", kLauncher), 0, kMost),
      .world_size = number_of("WORLD_SIZE", require("WORLD_SIZE", kLauncher), 1, kMost),
      .local_rank = number_of("LOCAL_RANK", variable("LOCAL_RANK").value_or("0"), 0, kMost),
      .cores_shared_by = number_of("LOCAL_WORLD_SIZE", variable("LOCAL_WORLD_SIZE").value_or("1"), 1, kMost),
      .address = require("MASTER_ADDR", kLauncher),
      .port = number_of("MASTER_PORT", require("MASTER_PORT", kLauncher), 1, kMostPort),
      .launcher_holds_store = variable("TORCHELASTIC_USE_AGENT_STORE") == "True",
      .attempt = variable("TORCHELASTIC_RESTART_COUNT").value_or("0")};
  check_rank(facts, "RANK");
  return facts;
}

/// srun gives every task cores of its own.
RankFacts rank_of_srun() {
  constexpr std::string_view kLauncher = "srun";
  RankFacts facts;
  facts.rank = number_of("SLURM_PROCID", require("SLURM_PROCID", kLauncher), 0, kMost);
  facts.world_size = number_of("SLURM_STEP_NUM_TASKS", require("SLURM_STEP_NUM_TASKS", kLauncher), 1, kMost);
  facts.local_rank = number_of("SLURM_LOCALID", require("SLURM_LOCALID", kLauncher), 0, kMost);
  const auto address = variable("MASTER_ADDR");
  facts.address = address ? *address : first_of_nodes(require("SLURM_STEP_NODELIST", kLauncher));
  if (const auto port = variable("MASTER_PORT")) {
    facts.port = number_of("MASTER_PORT", *port, 1, kMostPort);
  } else {
    const auto job = parse_number(require("SLURM_JOB_ID", kLauncher));
    facts.port = kFirstPort + static_cast<int>(static_cast<std::int64_t>(job.value_or(0)) % kPorts);
  }
  check_rank(facts, "SLURM_PROCID");
  return facts;
}

}  // namespace

std::optional<RankFacts> rank_of_environment() {
  if (variable("RANK") || (variable("WORLD_SIZE") && variable("MASTER_ADDR"))) return rank_of_torchrun();
  if (variable("SLURM_PROCID") && variable("SLURM_STEP_NUM_TASKS").value_or("1") != "1")
    return rank_of_srun();
  return std::nullopt;
}

std::string first_of_nodes(std::string_view list) {
  const std::size_t open = list.find('[');
  const std::size_t comma = list.find(',');
  if (open == std::string_view::npos || comma < open) return std::string(list.substr(0, comma));
  const std::size_t close = list.find(']', open);
  const std::size_t number_end = list.find_first_of(",-]", open);
  if (close == std::string_view::npos)
    throw usage_error("'{}' is no SLURM list of machines: a ']' is missing", list);
  const std::string_view rest = list.substr(close + 1);
  return fmt::format("{}{}{}", list.substr(0, open), list.substr(open + 1, number_end - open - 1),
                     rest.substr(0, rest.find(',')));
}

}  // namespace fer
