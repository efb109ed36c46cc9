#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fer/vision/face_crop.hpp"
#include "fer/vision/face_detector.hpp"
#include "log.hpp"

namespace fer {

/// The names of all there are.
std::vector<std::string> detector_names();

/// Whether it needs no model files or all of them are found.
bool has_files(const FaceDetectorKind& kind, const std::filesystem::path& models_folder);

/// What finds faces in recordings where the user names nothing: training's detector. Recordings show more
/// than a face, so where training had ready-cut ones (`none`) it is yunet, or haar where yunet's file is
/// missing.
const FaceDetectorKind& usual_detector(const Preprocessing& training,
                                       const std::filesystem::path& models_folder);

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
