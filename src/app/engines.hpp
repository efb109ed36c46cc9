#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "fer/engine/predictor.hpp"
#include "fer/vision/face_detector.hpp"

namespace fer {

/// All in which fer-infer differs between the usual build, engines_with_libtorch.cpp, and the one for small
/// devices, engines_without_libtorch.cpp: CMake's FER_LIBTORCH chooses.

/// The detectors there are.
std::span<const FaceDetectorKind> detectors();

/// The row of that name; throws a usage error that lists the names for an unknown one.
const FaceDetectorKind& detector_called(std::string_view name);

/// The model's file itself, or the best checkpoint of a run folder; throws a data error for a folder without
/// one, and without LibTorch a usage error for any folder, as only ONNX files are read.
std::filesystem::path checkpoint_file(const std::filesystem::path& path);

/// What load_predictor() makes of a checkpoint; without LibTorch a usage error that says what to do instead.
std::unique_ptr<LogitPredictor> load_checkpoint_predictor(const std::filesystem::path& checkpoint,
                                                          const PredictorOptions& options);

/// First in main(), with its arguments.
void prepare_program(char** argv);

/// LibTorch and OpenCV compute on one thread from now on, as the caller has threads of its own.
void use_one_thread();

}  // namespace fer
