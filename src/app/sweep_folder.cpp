#include "sweep_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "fer/config/load.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/report/training_files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::vector<std::string> run_names(const fs::path& manifest) {
  try {
    std::vector<std::string> names;
    const Json json = Json::parse(read_file(manifest));
    for (const Json& run : json.at("runs")) names.push_back(run.at("name"));
    return names;
  } catch (const Json::exception& error) {
    throw data_error("{}: {}", manifest.string(), error.what());
  }
}

std::string name_or(std::span<const std::string> names, std::size_t at, const char* otherwise) {
  return at < names.size() ? names[at] : otherwise;
}

}  // namespace

SweepFolder::SweepFolder(const Sweep& sweep, std::vector<SweepRun> runs)
    : name_(sweep.name),
      file_(sweep.file),
      runs_(std::move(runs)),
      path_(runs_.front().experiment.experiment.output) {
  for (const SweepKey& key : sweep.vary) keys_.push_back(key.key);
}

std::string SweepFolder::number_text(const SweepRun& run) const {
  return fmt::format("{:0{}}", run.number, std::max<std::size_t>(3, std::to_string(runs_.size()).size()));
}

fs::path SweepFolder::config_of(const SweepRun& run) const {
  return path_ / "configs" / fmt::format("{}.yaml", number_text(run));
}

fs::path SweepFolder::log_of(const SweepRun& run, std::string_view extension) const {
  return path_ / "logs" / fmt::format("{}.{}", number_text(run), extension);
}

void SweepFolder::prepare(std::span<const std::string> command) const {
  if (fs::exists(path_ / "sweep.json")) return refuse_another_sweep();
  make_folder(path_ / "configs");
  make_folder(path_ / "logs");
  Json list = Json::array();
  for (const SweepRun& run : runs_) {
    write_file(config_of(run), dump_experiment(run.experiment));
    Json values = Json::object();
    for (std::size_t i = 0; i < keys_.size(); ++i) values[keys_[i]] = run.values[i];
    list.push_back({{"number", run.number},
                    {"name", run.name},
                    {"variant", run.variant},
                    {"values", values},
                    {"seed", run.seed},
                    {"fold", run.fold > 0 ? Json(run.fold) : Json()},
                    {"folder", run.name},
                    {"config", config_of(run).lexically_relative(path_).string()}});
  }
  const Json manifest = {{"sweep", name_},
                         {"version", FER_VERSION},
                         {"command", std::vector<std::string>(command.begin(), command.end())},
                         {"made", utc_now()},
                         {"runs", list}};
  write_file(path_ / "sweep.json", manifest.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

void SweepFolder::require() const {
  if (!fs::exists(path_ / "sweep.json"))
    throw data_error("{}: holds no sweep.json: nothing of this sweep has begun", path_.string());
  refuse_another_sweep();
}

void SweepFolder::refuse_another_sweep() const {
  const auto changed = [&](const std::string& what) {
    return usage_error("{}: was made for other runs: {}; another 'name' in {} begins a new sweep",
                       (path_ / "sweep.json").string(), what, file_);
  };
  const std::vector<std::string> names = run_names(path_ / "sweep.json");
  std::vector<std::string> now;
  for (const SweepRun& run : runs_) now.push_back(run.name);
  const auto [was, is] = std::ranges::mismatch(names, now);
  if (was != names.end() || is != now.end()) {
    const auto at = static_cast<std::size_t>(is - now.begin());
    throw changed(
        fmt::format("run {} is {} and was {}", at + 1, name_or(now, at, "none"), name_or(names, at, "none")));
  }
  for (const SweepRun& run : runs_) {
    const fs::path config = config_of(run);
    const std::string difference =
        first_difference(load_experiment(std::span(&config, 1), {}), run.experiment);
    if (!difference.empty())
      throw changed(fmt::format("in run {}, {}, {}", run.number, run.name, difference));
  }
}

SweepState SweepFolder::state_of(const SweepRun& run) const {
  const fs::path folder = folder_of(run), manifest = folder / "manifest.json";
  if (!fs::exists(manifest))
    return fs::exists(folder / "state.safetensors") ? SweepState::begun : SweepState::waiting;
  std::string end;
  try {
    end = parse_manifest(read_file(manifest)).end;
  } catch (const Error& error) {
    throw data_error("{}: {}", manifest.string(), error.what());
  }
  const bool ended = end != "running" && end != "stopped";
  const bool whole = fs::exists(folder / "metrics.json") && fs::exists(folder / "predictions.csv");
  return ended && whole ? SweepState::finished : SweepState::begun;
}

bool SweepFolder::has_begun() const {
  return std::ranges::any_of(runs_,
                             [&](const SweepRun& run) { return state_of(run) != SweepState::waiting; });
}

std::vector<SweepRun> SweepFolder::unfinished() const {
  std::vector<SweepRun> left;
  std::ranges::copy_if(runs_, std::back_inserter(left),
                       [&](const SweepRun& run) { return state_of(run) != SweepState::finished; });
  return left;
}

std::map<int, SweepFailure> SweepFolder::failures() const {
  std::map<int, SweepFailure> found;
  const fs::path file = path_ / "failed.csv";
  if (!fs::exists(file)) return found;
  const CsvTable table = read_csv_table(file);
  const std::size_t number = table.require("number"), code = table.require("exit_code"),
                    message = table.require("message");
  for (const CsvRow& row : table.rows) {
    const auto at = parse_integer(row.fields[number]), ended = parse_integer(row.fields[code]);
    if (!at || !ended || *at < 1 || *at > std::ssize(runs_))
      throw data_error("{}:{}: expected the number of a run and its exit code", file.string(), row.line);
    if (state_of(runs_[static_cast<std::size_t>(*at - 1)]) == SweepState::finished) continue;
    found[static_cast<int>(*at)] = {.code = static_cast<int>(*ended), .message = row.fields[message]};
  }
  return found;
}

void SweepFolder::write_failures(const std::map<int, SweepFailure>& failures) const {
  std::string text = "number,name,exit_code,message\n";
  for (const auto& [number, failure] : failures) {
    const std::string& name = runs_.at(static_cast<std::size_t>(number - 1)).name;
    text += csv_line(std::vector<std::string>{std::to_string(number), name, std::to_string(failure.code),
                                              failure.message});
  }
  write_file(path_ / "failed.csv", text);
}

// The descriptor is passed on to child processes, and with it the lock.
SweepLock::SweepLock(const fs::path& folder)
    : descriptor_(::open((folder / "lock").c_str(), O_RDWR | O_CREAT, 0666)) {
  if (descriptor_ < 0) throw failure("{}: cannot be written: {}", folder.string(), std::strerror(errno));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(descriptor_);
  throw failure("{}: another fer-train runs this sweep, or trainings that it began still do",
                folder.string());
}

SweepLock::~SweepLock() { ::close(descriptor_); }

}  // namespace fer
