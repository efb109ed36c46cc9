#pragma once

#include <filesystem>
#include <span>

#include "infer_options.hpp"
#include "recordings.hpp"

namespace fer {

/// The folder beside the videos' results that `fer-infer --sample-for-coding` writes to.
inline constexpr char kCodingFolder[] = "coding";

/// Before videos are read for nothing. A sample that is there already is never written over: it may hold days
/// of a person's work. Throws a usage error.
void require_sample_can_be_drawn(const InferOptions& options);

/// A recording whose results lie in a folder.
struct AnalysedRecording {
  const Recording* recording;
  std::filesystem::path folder;
};

/// Draws options.sample_for_coding faces from the results and writes them for a person to code: the list, the
/// pictures, which are read from the recordings anew, strata.csv and instructions; all together or none.
/// Throws Stopped when a signal asks for it, and what reading the results and recordings throws.
void write_coding_sample(std::span<const AnalysedRecording> analysed, const InferOptions& options, Log& log);

}  // namespace fer
