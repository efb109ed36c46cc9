#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fer {

/// What the predictor takes for batches of one size in one precision.
struct DeviceRate {
  std::string precision = {};
  int batch = 0;
  int repetitions = 0;
  double ms = 0;                   ///< of a batch, median
  double ms_low = 0;               ///< first quartile
  double ms_high = 0;              ///< third quartile
  std::int64_t peak_memory = 0;    ///< bytes, the most that a process which does nothing else had so far
  std::string not_supported = {};  ///< why there are no figures; empty: there are

  bool operator==(const DeviceRate&) const = default;
};

/// A stage of video analysis.
struct DeviceStage {
  std::string name = {};  ///< decode, detect, classify or encode
  double ms = 0;          ///< median, of a frame, or of a face where it is classify

  bool operator==(const DeviceStage&) const = default;
};

/// What a machine is, and how fast a model is on it.
struct DeviceReport {
  std::string processor = {};
  int cores = 0;  ///< that the process may use
  std::vector<std::string> features = {};
  std::string device = {};  ///< what was computed on: "cpu" or "cuda:0"
  int threads = 0;
  std::string system = {};
  std::string libtorch = {};
  std::string opencv = {};
  std::string model = {};  ///< name of its file, or that it was drawn by chance
  std::string backbone = {};
  int input_size = 0;           ///< pixels a side
  std::int64_t parameters = 0;  ///< numbers that are learned
  std::int64_t model_bytes = 0;
  std::int64_t int8_bytes = 0;  ///< of the same quantised, where that was measured; else 0
  std::vector<DeviceRate> rates = {};
  std::string video = {};  ///< what the stages were measured on and with; empty: they were not
  std::vector<DeviceStage> stages = {};
  std::optional<double> start_up_seconds = {};  ///< from the process's start to its first answer

  bool operator==(const DeviceReport&) const = default;
};

/// All of it, for read_device_report().
std::string device_json(const DeviceReport& report);

/// What device_json() wrote. Throws a data error that names the path where that is not what lies there.
DeviceReport read_device_report(const std::filesystem::path& path);

/// In Markdown, to be pasted.
std::string device_markdown(const DeviceReport& report);

/// Two of them side by side in Markdown: what differs between the machines and models, then every figure that
/// both have, with `a` divided by `b`: above 1, `b` is faster or smaller.
std::string device_comparison(const DeviceReport& a, const DeviceReport& b);

}  // namespace fer
