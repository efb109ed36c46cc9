#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "fer/video/analysis.hpp"
#include "fer/video/labelled_video.hpp"

namespace fer::test {

inline const Categories kThree{ClassList({"happy", "sad", "neutral"})};
inline constexpr int kHappy = 0;
inline constexpr int kSad = 1;
inline constexpr int kNeutral = 2;

using Probabilities = std::vector<float>;

/// A face as interpret() leaves it without correction and smoothing.
inline FaceResult made_face(Probabilities probabilities, int id = 0) {
  FaceResult face{.face_id = id,
                  .confidence = 0.9F,
                  .box = {10, 10, 100, 100},
                  .brightness = 120,
                  .probabilities = std::move(probabilities)};
  face.smoothed = face.probabilities;
  face.smoothed_label = static_cast<int>(std::ranges::max_element(face.smoothed) - face.smoothed.begin());
  return face;
}

/// Frames at an even rate, each for as long as it takes to the next, of happy, sad and neutral faces.
inline VideoAnalysis made_analysis(std::vector<std::vector<FaceResult>> faces, double fps = 10) {
  VideoAnalysis analysis{.video = "a.mp4",
                         .classes = kThree.classes,
                         .class_prior = {0.5, 0.25, 0.25},
                         .interpretation = {.smoothing = {.method = SmoothingMethod::none}}};
  for (std::size_t i = 0; i < faces.size(); ++i) {
    analysis.frames.push_back({.frame = static_cast<std::int64_t>(i),
                               .timestamp = static_cast<double>(i) / fps,
                               .seconds = 1 / fps,
                               .faces = std::move(faces[i])});
  }
  analysis.frames_total = analysis.frames_sampled();
  return analysis;
}

inline Probabilities happy(float probability = 0.8F) {
  return {probability, 0.75F * (1 - probability), 0.25F * (1 - probability)};
}
inline Probabilities sad(float probability = 0.8F) {
  return {0.75F * (1 - probability), probability, 0.25F * (1 - probability)};
}
inline Probabilities neutral(float probability = 0.8F) {
  return {0.75F * (1 - probability), 0.25F * (1 - probability), probability};
}

/// The same face in frame after frame.
inline std::vector<std::vector<FaceResult>> one_face(const std::vector<Probabilities>& rows) {
  std::vector<std::vector<FaceResult>> frames;
  for (const Probabilities& row : rows) frames.push_back({made_face(row)});
  return frames;
}

}  // namespace fer::test
