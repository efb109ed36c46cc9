#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/core/mapped_file.hpp"

namespace fer {

/// Where the crops of a data set lie: always in a file that is mapped, never on the heap.
struct CropCacheOptions {
  bool keep = false;             ///< for the next run; else the file has no name and goes with its user
  std::filesystem::path folder;  ///< made if need be; empty: the system's temporary folder
  std::uint64_t max_bytes = 50'000'000'000;  ///< of all kept files; a data set that needs more is not kept
};

/// What a file of crops holds: all about it that is known before the first image is read.
struct CropFileFacts {
  std::string key;  ///< SHA-256 of everything the crops depend on
  std::size_t samples = 0;
  std::size_t crop_bytes = 0;
};

/// The face a crop shows, as the detector found it.
struct FoundFace {
  float size = 0;   ///< shorter side of its box, in pixels of the image
  float score = 0;  ///< the detector's

  bool operator==(const FoundFace&) const = default;
};

/// What became of one sample.
struct CropRow {
  std::string sha256;             ///< of the crop's bytes; empty: there is no crop, see reason
  std::optional<FoundFace> face;  ///< nothing: the detector found none
  std::string reason;
};

/// A file of crops: the crop of sample i at i * crop_bytes (unused where it has none), then a table with a
/// row per sample, then the SHA-256 of key and table.
struct StoredCrops {
  MappedFile file;
  std::vector<CropRow> rows;  ///< one per sample
};

/// The kept crops `<key>.crops`, which then count as just used. Nothing if there are none, or if the file's
/// length, its checksum or anything in its table is not as it must be. The crops' own bytes are not read:
/// hashing them would take as long as the rest of a start.
std::optional<StoredCrops> load_crops(const CropCacheOptions& options, const CropFileFacts& facts);

/// Makes a file of crops. Until finish() nothing has the final name, and without it nothing is left behind;
/// what a killed process could not take away is removed by the next writer. Two processes may make the same
/// file at once: the later one replaces the other's, whose readers keep what they have.
/// Errors are failures that say how much room is needed where, and name data.cache.folder.
class CropWriter {
 public:
  CropWriter(const CropCacheOptions& options, CropFileFacts facts);

  /// The crop of one sample; threads may write different samples at the same time.
  void write(std::size_t sample, std::span<const std::uint8_t> crop);

  /// Keeps the file if that was asked for and `lasting`, then removes the files used longest ago until the
  /// folder holds max_bytes at most.
  StoredCrops finish(std::vector<CropRow> rows, bool lasting);

 private:
  CropCacheOptions options_;
  CropFileFacts facts_;
  std::optional<ScratchFile> file_;
};

}  // namespace fer
