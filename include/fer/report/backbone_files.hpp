#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace fer {

/// What a backbone costs.
struct BackboneFigures {
  std::string name;
  int input_size = 0;  ///< pixels a side
  std::int64_t parameters = 0;
  std::int64_t macs = 0;         ///< multiply-adds for one image
  double ms_per_image = 0;       ///< one at a time
  double images_per_second = 0;  ///< in batches
  std::int64_t memory = 0;       ///< bytes by which loading and predicting make a process grow, at its peak
};

/// Where and with what it was measured.
struct BackboneSetting {
  std::string device;  ///< such as "cpu, 2 threads"
  int batch = 0;
  int classes = 0;
  std::string libtorch;
};

/// For people: the setting, and a row for each backbone.
std::string backbone_table(std::span<const BackboneFigures> backbones, const BackboneSetting& setting);

/// {"setting": {...}, "backbones": [{"name", "input_size", "parameters", "macs", "ms_per_image",
/// "images_per_second", "memory_bytes"}]}
std::string backbone_json(std::span<const BackboneFigures> backbones, const BackboneSetting& setting);

}  // namespace fer
