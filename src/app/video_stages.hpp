#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fer/model/predictor.hpp"
#include "fer/report/device_files.hpp"

namespace fer {

/// A clip of a drawn face whose mouth opens, 640 x 480, 25 frames a second.
void draw_clip(const std::filesystem::path& path, int frames);

struct VideoStageOptions {
  std::filesystem::path video = {};
  int frames = 100;  ///< the first ones, or all there are
  int threads = 1;   ///< of decoder and encoder
  std::filesystem::path encoded = {};
};

struct VideoStages {
  std::string setting = {};  ///< for people: the frames' size and what found the faces
  std::vector<DeviceStage> stages = {};
};

/// The stages of video analysis one after the other: median milliseconds of decoding a frame, finding its
/// faces with the detector that fer-infer would take, cropping and classifying one face, and encoding the
/// frame. Where no face is found, the whole frame is classified.
VideoStages video_stages(const VideoStageOptions& options, Predictor& predictor);

}  // namespace fer
