#pragma once

#include <cstddef>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"
#include "fer/data/dataset.hpp"
#include "fer/data/problem.hpp"
#include "fer/vision/face_detector.hpp"

namespace fer {

/// Of whole numbers; all 0 where there are none. The lower one of two middle numbers is the median.
struct Extent {
  int min = 0;
  int median = 0;
  int max = 0;
};

/// Images that could be read, of a class or of all.
struct ImageCounts {
  std::size_t images = 0;  ///< with those that could not be read
  std::size_t readable = 0;
  std::size_t subjects = 0;
  std::size_t grey = 0;
  Extent width = {}, height = {}, shorter_side = {};
  std::size_t searched = 0;                     ///< for faces
  std::vector<std::size_t> with_face = {};      ///< by detector
  std::vector<std::size_t> several_faces = {};  ///< by detector
  std::vector<std::string> examples = {};       ///< paths of images to show, spread evenly
};

/// A subject of whom no image shows some class.
struct IncompleteSubject {
  std::string subject;
  std::vector<std::string> classes;
};

/// An image of the contact sheet, and the largest face each detector finds in it.
struct Thumbnail {
  cv::Mat rgb;                                        ///< its longer side is kThumbnailSide
  std::vector<std::optional<cv::Rect2f>> faces = {};  ///< by detector, in pixels of `rgb`
};
inline constexpr int kThumbnailSide = 144;

/// What is in a data set and what is wrong with it. Paths are those of Sample.
struct Inspection {
  ClassList classes;
  std::vector<std::string> detectors;
  ImageCounts all;
  std::vector<ImageCounts> per_class;
  Extent images_per_subject;
  std::vector<IncompleteSubject> incomplete_subjects;
  /// Images by attribute and value; the attribute "split" where the data set itself has splits.
  std::map<std::string, std::map<std::string, std::size_t>> attributes;
  std::vector<Problem> problems;  ///< kind by kind, by detector, in the order of the samples
  std::vector<DuplicateGroup> duplicates;
  std::map<std::string, Thumbnail> thumbnails;  ///< by path, of examples and of problems
};

/// The problems of one kind, of no_face those of one detector.
struct ProblemGroup {
  ProblemKind kind;
  std::string detector;
  std::vector<const Problem*> problems;  ///< duplicates that differ in something come first
};

/// Without empty groups, in the order of Inspection::problems, into which it points.
std::vector<ProblemGroup> group_problems(const Inspection& inspection);

/// Up to `count` problems to show: those that differ in something, then others, both spread evenly.
std::vector<const Problem*> examples_of(const ProblemGroup& group, int count);

/// A detector by the name it is reported under.
struct InspectionDetector {
  std::string name;
  FaceDetectorFactory make;
};

/// How a data set is looked over.
struct InspectionOptions {
  std::vector<InspectionDetector> detectors = {};
  int workers = 1;   ///< threads, >= 1
  int examples = 0;  ///< thumbnails for each class and each kind of problem
};

/// Looks at every image of a data set once. The result does not depend on `workers`; of all images no more
/// than 2 kB each is kept. `stop` is asked before each image, and like `progress` by the caller's thread
/// only; when it says so the call throws Stopped. Errors of detectors are passed on.
Inspection inspect(const Dataset& dataset, const InspectionOptions& options, const StepsFn& progress,
                   const StopFn& stop);

}  // namespace fer
