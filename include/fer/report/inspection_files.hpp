#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "fer/data/inspection.hpp"

namespace fer {

/// check.json: everything but the pictures. Counts of images and of faces found, of each class and of all;
/// subjects, attributes, the limits that were applied, each problem and each group of duplicates.
std::string inspection_json(const Inspection& inspection, std::span<const DatasetSource> sources);

/// problems.csv: path,problem,detail,other; the name of a detector follows `no_face` in brackets.
std::string problems_csv(const Inspection& inspection);

/// For people: a row for each class, sizes, subjects and attributes, then each kind of problem with its
/// number and the first few images.
std::string inspection_summary(const Inspection& inspection);

/// The thumbnails as an RGB picture: a row for each class with the boxes of the faces, then each kind of
/// problem, duplicates beside what they duplicate. At most `examples` of each.
cv::Mat draw_contact_sheet(const Inspection& inspection, const std::string& title, int examples);

/// "duplicate", "no_face (haar)".
std::string title_of(const ProblemGroup& group);

/// What a kind of problem means, in a few words.
std::string meaning_of(ProblemKind kind);

}  // namespace fer
