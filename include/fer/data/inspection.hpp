#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"
#include "fer/data/dataset.hpp"
#include "fer/vision/face_detector.hpp"

namespace fer {

/// An image whose grey values (0..255) have a smaller standard deviation is blank. On FER-2013 the 14 blank
/// images have at most 4.1, the darkest face 9.1.
inline constexpr double kBlankDeviation = 6;

/// An image whose shorter side has fewer pixels is small.
inline constexpr int kSmallSide = 48;

/// An image is grey if its channels lie less than this apart (of 255), on average.
inline constexpr double kGreySpread = 2;

/// Two images are near duplicates if their hashes differ in at most this many bits and they differ nowhere by
/// more than kLookAlikeDifference (fer/data/look_alike.hpp). Measured on FER-2013, photos and drawn faces: of
/// JPEG copies (quality 30..90), copies of 48 pixels to double size, of brightness +-20 (of 255) and gamma
/// 0.7..1.4 it finds 99 to 100 %, of brightness +-40 95 to 100 %; copies cut by 2 % or mirrored it does not
/// find. Of pairs of expressions of one drawn person in one pose the hash alone pairs 60 %, both pair 0.02 %.
inline constexpr int kLookAlikeBits = 10;
inline constexpr double kLookAlikeDifference = 0.25;

/// In this order they are looked for. What has one of the first five is not looked at further.
enum class ProblemKind {
  empty_class,     ///< a class without images
  rejected,        ///< the reader turned the file away
  unreadable,      ///< missing, empty or no image
  truncated,       ///< a JPEG or PNG file that ends before its image does
  blank,           ///< nearly one colour
  small,           ///< too few pixels to tell an expression
  duplicate,       ///< the same pixels as an earlier image
  near_duplicate,  ///< looks like an earlier image: coded anew, resized, lighter or darker
  no_face          ///< a detector finds no face
};

/// "empty_class", "rejected", …
std::string_view name_of(ProblemKind kind);

/// What is said differently of two images that are one. All are errors in the data or leaks between splits.
struct Differences {
  bool label = false;
  bool split = false;
  bool subject = false;

  bool any() const { return label || split || subject; }
};

/// Something a person should look at.
struct Problem {
  ProblemKind kind = ProblemKind::rejected;
  std::string path = {};         ///< empty for an empty class
  std::string detail = {};       ///< one line
  std::string other = {};        ///< of duplicates: the first image of its group
  std::string detector = {};     ///< of no_face
  Differences differences = {};  ///< of duplicates: to the other image
};

/// Images that are one: all have the same pixels as the first, or all look like it.
struct DuplicateGroup {
  ProblemKind kind = ProblemKind::duplicate;  ///< or near_duplicate
  std::vector<std::string> paths = {};
  Differences differences = {};  ///< between any two of them
};

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

/// "fer2013_csv" or "csv" for a file, by the columns its first line names; "kdef" for a folder in which half
/// of the images at least have KDEF's names, else "folder". Throws a data error for what is not there.
std::string guess_dataset_kind(const std::filesystem::path& root);

/// All sources as one data set, like read_dataset(), only that a class may be without images.
Dataset read_sources(std::span<const DatasetSource> sources, const ClassList& classes);

/// Looks at every image of a data set once. The result does not depend on `workers`; of all images no more
/// than 2 kB each is kept. `stop` is asked before each image, and like `progress` by the caller's thread
/// only; when it says so the call throws Stopped. Errors of detectors are passed on.
Inspection inspect(const Dataset& dataset, const InspectionOptions& options, const StepsFn& progress,
                   const StopFn& stop);

}  // namespace fer
