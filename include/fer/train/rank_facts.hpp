#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fer {

/// Which of the processes of one training this one is.
struct RankFacts {
  int rank = 0;  ///< 0..world_size-1
  int world_size = 1;
  int local_rank = 0;       ///< among those of this machine: the GPU it takes
  int cores_shared_by = 1;  ///< processes that divide the cores this one may use among them
  std::string address;      ///< of the machine with the store in which they find each other
  int port = 0;
  bool launcher_holds_store = false;  ///< else rank 0 does
  std::string attempt = "0";          ///< of the launcher to run them: earlier ones leave keys in the store

  bool operator==(const RankFacts&) const = default;
};

/// What torchrun (RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, MASTER_ADDR, MASTER_PORT) or srun
/// (SLURM_PROCID, SLURM_STEP_NUM_TASKS, SLURM_LOCALID, SLURM_STEP_NODELIST, SLURM_JOB_ID; MASTER_ADDR and
/// MASTER_PORT win) say of this process; nothing where neither speaks, or srun of one task. Throws a usage
/// error naming the variable that is missing or makes no sense.
std::optional<RankFacts> rank_of_environment();

/// The first name of a SLURM list of machines: "node07" of "node[07-09,12],gpu1".
std::string first_of_nodes(std::string_view list);

}  // namespace fer
