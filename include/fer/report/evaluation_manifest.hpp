#pragma once

#include <string>
#include <vector>

namespace fer {

/// What an evaluation was made of and with.
struct EvaluationManifest {
  std::string version;  ///< of this project
  std::string libtorch;
  std::string opencv;
  std::string device;
  std::string precision;             ///< what was computed in, as PredictorFacts::precision
  std::vector<std::string> command;  ///< program and arguments
  std::string finished;              ///< ISO 8601, UTC
  std::string checkpoint;            ///< path
  std::string checkpoint_sha256;
  std::string trained_on;  ///< what the checkpoint says of its training
  std::string protocol;    ///< how the samples were set apart
  std::string data_sha256;
};

/// manifest.json of an evaluation.
std::string evaluation_manifest_json(const EvaluationManifest& manifest);

}  // namespace fer
