#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"

namespace fer {

/// What can be said of a face in a frame: a class, or one of two more.
struct Categories {
  ClassList classes = {};

  int no_face() const { return classes.size(); }        ///< there is none
  int uncertain() const { return classes.size() + 1; }  ///< the label is withheld
  int size() const { return classes.size() + 2; }
  std::string name(int category) const;  ///< the class's, "no_face" or "uncertain"
};

/// A face of a sampled frame and what the model called it.
struct LabelledFace {
  int face_id = 0;
  cv::Rect2f box = {};  ///< pixels of the upright frame
  int category = 0;     ///< a class or uncertain
};

/// A sampled frame as the results have it.
struct LabelledFrame {
  std::int64_t frame = 0;
  double timestamp = 0;                  ///< seconds
  std::vector<LabelledFace> faces = {};  ///< largest first
};

/// An event as the results have it, in seconds.
struct LabelledEvent {
  int face_id = 0;
  int label = 0;
  double onset = 0;
  double offset = 0;
};

/// The labels of a video that was analysed before, as its results tell them.
struct LabelledVideo {
  std::string name = {};   ///< of the folder with its results
  std::string video = {};  ///< file name
  Categories categories = {};
  double end = 0;                          ///< of the recording, seconds
  std::vector<LabelledFrame> frames = {};  ///< the sampled ones, in the order of time
  std::vector<LabelledEvent> events = {};
};

}  // namespace fer
