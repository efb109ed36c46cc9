#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/config/sweep.hpp"

namespace fer {

/// How far a run of a sweep has come.
enum class SweepState { waiting, begun, finished };

/// How a run's process ended, where it was not well.
struct SweepFailure {
  int code = 0;
  std::string message = {};  ///< the last line on its stderr
};

/// Where everything of a sweep lies: `<experiment.output>/<sweep's name>/` with sweep.json, configs/NNN.yaml,
/// logs/NNN.out and .err, failed.csv, and each run's own folder under its name. What has become of a run
/// follows from its folder, wherever it was trained; failed.csv only says how processes ended that we
/// started.
class SweepFolder {
 public:
  SweepFolder(const Sweep& sweep, std::vector<SweepRun> runs);

  const std::filesystem::path& path() const { return path_; }
  std::span<const SweepRun> runs() const { return runs_; }
  std::filesystem::path folder_of(const SweepRun& run) const { return path_ / run.name; }
  std::filesystem::path config_of(const SweepRun& run) const;
  std::filesystem::path log_of(const SweepRun& run, std::string_view extension) const;

  /// Writes the configurations and sweep.json. Where that is there already, throws a usage error that names
  /// the first difference if it is of other runs.
  void prepare(std::span<const std::string> command) const;

  /// Throws a data error without sweep.json, else as prepare() does.
  void require() const;

  /// Throws a data error for a damaged manifest.json.
  SweepState state_of(const SweepRun& run) const;
  bool has_begun() const;  ///< any of the runs

  std::vector<SweepRun> unfinished() const;

  /// By the number of the run; of those that have not finished since.
  std::map<int, SweepFailure> failures() const;
  void write_failures(const std::map<int, SweepFailure>& failures) const;

 private:
  std::string number_text(const SweepRun& run) const;
  void refuse_another_sweep() const;

  std::string name_;
  std::string file_;
  std::vector<std::string> keys_;
  std::vector<SweepRun> runs_;
  std::filesystem::path path_;
};

/// Keeps others from running the same sweep while this, or a child process that began meanwhile, lives.
/// Throws a failure where someone does.
class SweepLock {
 public:
  explicit SweepLock(const std::filesystem::path& folder);
  ~SweepLock();
  SweepLock(const SweepLock&) = delete;
  SweepLock& operator=(const SweepLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace fer
