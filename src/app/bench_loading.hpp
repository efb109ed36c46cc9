#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>

#include "fer/app/program.hpp"
#include "log.hpp"

namespace fer {

/// `fer-bench loading`: how fast an epoch comes from crops that memory does not hold.
struct LoadingBenchOptions {
  std::filesystem::path folder;  ///< on the disk to measure
  int images = 20000;
  int size = 224;  ///< pixels a side
  int batch = 32;
  int workers = 2;
  double shard_mb = 8;
  int mixed_shards = 128;
  double seconds = 20;  ///< of each measurement, at most
  int rounds = 3;
};

void describe(CLI::App& command, LoadingBenchOptions& options);

/// Writes a file of crops, measures each order over it, without augmentation and without a network, and
/// removes it. Before each measurement the file leaves the system's cache.
int bench_loading(const LoadingBenchOptions& options, const LogOptions& log, const Console& console);

}  // namespace fer
