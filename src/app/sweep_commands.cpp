#include "sweep_commands.hpp"

#include <fmt/format.h>

#include "fer/core/own_files.hpp"
#include "shell_command.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// Such as `cd /here && /bin/fer-train -c x.yaml`; paths may be relative to where we are.
std::string command_here(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), own_program().string());
  return fmt::format("cd {} && {}", shell_word(fs::current_path().string()), shell_command(arguments));
}

}  // namespace

std::vector<std::string> run_arguments(const SweepFolder& folder, const SweepRun& run,
                                       const SweepOptions& options) {
  std::vector<std::string> arguments = {"-c", folder.config_of(run).string()};
  if (!options.models_folder.empty())
    arguments.insert(arguments.end(), {"--models-dir", options.models_folder.string()});
  arguments.insert(arguments.end(), {"--exist-ok", "--resume"});
  return arguments;
}

std::vector<std::string> report_arguments(const SweepOptions& options) {
  std::vector<std::string> arguments = {"--grid", options.file.string()};
  for (const fs::path& config : options.configs) arguments.insert(arguments.end(), {"-c", config.string()});
  for (const std::string& assignment : options.overrides)
    arguments.insert(arguments.end(), {"--set", assignment});
  arguments.emplace_back("--report");
  return arguments;
}

std::string command_lines(const SweepFolder& folder, std::span<const SweepRun> runs,
                          const SweepOptions& options) {
  std::string lines;
  for (const SweepRun& run : runs) lines += command_here(run_arguments(folder, run, options)) + '\n';
  return lines;
}

std::string slurm_script(const SweepFolder& folder, std::span<const SweepRun> runs,
                         const SweepOptions& options) {
  std::vector<std::string> configs;
  for (const SweepRun& run : runs) configs.push_back(folder.config_of(run).filename().string());
  const fs::path logs = fs::absolute(folder.path() / "logs" / "slurm-%A_%a.log").lexically_normal();
  std::vector<std::string> arguments = run_arguments(folder, runs.front(), options);
  const fs::path configs_folder = fs::path(arguments[1]).parent_path() / "";
  arguments.erase(arguments.begin(), arguments.begin() + 2);
  return fmt::format(
      R"(#!/bin/sh
#SBATCH --job-name={name}
#SBATCH --array=0-{last}
#SBATCH --output={logs}
# Add what your cluster wants, such as #SBATCH --time=4:00:00 or --gres=gpu:1; --array=0-{last}%4 runs four at a time.
# The report when all have ended, whether well or not:
#   job=$(sbatch --parsable sweep.sh)
#   sbatch --dependency=afterany:$job --wrap {report}
set -- {configs}
shift "$SLURM_ARRAY_TASK_ID"
cd {here} && exec {program} -c {folder}"$1" {arguments}
)",
      fmt::arg("name", shell_word(folder.path().filename().string())), fmt::arg("last", runs.size() - 1),
      fmt::arg("logs", shell_word(logs.string())),
      fmt::arg("report", shell_word(command_here(report_arguments(options)))),
      fmt::arg("configs", shell_command(configs)), fmt::arg("here", shell_word(fs::current_path().string())),
      fmt::arg("program", shell_word(own_program().string())),
      fmt::arg("folder", shell_word(configs_folder.string())),
      fmt::arg("arguments", shell_command(arguments)));
}

}  // namespace fer
