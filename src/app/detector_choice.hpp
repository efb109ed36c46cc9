#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fer/model/face_detectors.hpp"
#include "log.hpp"

namespace fer {

/// Their names, for help texts.
std::string detector_names();

/// The rows for the names a user gives; `all` is all that look for faces. Where none is given it is those of
/// `usual` whose model files are found, and the log says how to get the others. Throws a usage error for an
/// unknown name.
std::vector<const FaceDetectorKind*> choose_detectors(std::span<const std::string> names,
                                                      std::span<const std::string> usual,
                                                      const std::filesystem::path& models_folder, Log& log);

/// All that look for faces.
std::vector<std::string> face_finders();

/// --models-dir and --min-size.
void add_detection_options(CLI::App& command, FaceDetectorOptions& options);

}  // namespace fer
