#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// An image whose grey values (0..255) have a smaller standard deviation is blank. On FER-2013 the 14 blank
/// images have at most 4.1, the darkest face 9.1.
inline constexpr double kBlankDeviation = 6;

/// An image whose shorter side has fewer pixels is small.
inline constexpr int kSmallSide = 48;

/// An image is grey if its channels lie less than this apart (of 255), on average.
inline constexpr double kGreySpread = 2;

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

}  // namespace fer
