#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/core/progress.hpp"

namespace fer {

/// A data set of drawn people laid out and named like KDEF (Lundqvist et al. 1998), for demonstrations and
/// tests. It says nothing about how well a model reads real faces.
struct SyntheticKdefOptions {
  std::filesystem::path folder;
  int subjects = 70;  ///< every second one a man; 2..140
  int sessions = 2;   ///< 1: A, 2: A and B
  std::vector<std::string> angles = {"FL", "HL", "S", "HR", "FR"};
  std::uint64_t seed = 42;
  cv::Size size = {562, 762};  ///< pixels; 64 at least
  int workers = 0;             ///< threads; 0: as many as the machine runs at once
};

/// Writes `folder/AF01/AF01ANS.JPG` and so on, and returns the number of images. Session B shows the people
/// of A again, with other light, loose hair and strength of expression. A file's bytes depend on its name,
/// the seed and the size alone, so the same options give the same bytes, whatever the number of workers.
/// Throws a usage error for options out of range or a folder that is not empty, a failure for one that cannot
/// be written. Stops early, with an error, when `progress` throws.
std::size_t write_synthetic_kdef(const SyntheticKdefOptions& options, const ProgressFn& progress = {});

/// People who show one expression after the other.
struct SyntheticVideoOptions {
  std::filesystem::path path;  ///< ends in .mp4
  std::uint64_t seed = 42;
  bool female = true;
  int subject = 71;  ///< numbers above those of a data set of the same seed are people it does not show
  /// The class of each segment; an empty word: nobody is in the picture.
  std::vector<std::string> segments = {"neutral", "happy",   "surprise", "",   "neutral",
                                       "angry",   "disgust", "fear",     "sad"};
  int segment_seconds = 3;
  double fps = 25;
  cv::Size size = {640, 480};
  /// Strength, 0..1, of what makes a classifier waver from frame to frame: the expression's intensity comes
  /// and goes, the head shakes; light flickers, blur comes and goes, the sensor is grainy, compression
  /// coarse.
  double noise = 0;
  /// Side by side, 1..3: `subject` and the numbers after it, each a segment ahead of the one to the left.
  int people = 1;
};

/// Writes the video and, beside it, `STEM.labels.csv`: `second,label` with one row per second, the label
/// empty where nobody is in the picture. A label holds from 0.2 s after its segment's start to its end;
/// before, the face moves over from the last one. Of several people, `label` is the leftmost one's and
/// `label_2`, `label_3` follow. The same options draw the same
/// pictures; H.264 encoders may code them differently from run to run. Returns the path of the labels.
/// Throws a usage error for options out of range, a failure if the video cannot be written.
std::filesystem::path write_synthetic_video(const SyntheticVideoOptions& options,
                                            const ProgressFn& progress = {});

}  // namespace fer
