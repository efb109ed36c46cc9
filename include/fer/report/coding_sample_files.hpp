#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "fer/core/labels.hpp"

namespace fer {

/// A face that was drawn for a person to code.
struct CodingSampleRow {
  std::string id = {};     ///< "0001"
  std::string video = {};  ///< folder of its results
  std::int64_t frame = 0;
  double timestamp = 0;
  int face_id = 0;
  std::string stratum = {};
  double weight = 1;

  std::string image() const { return "images/" + id + ".jpg"; }
};

/// sample.csv, to be filled in: id,image,video,frame,timestamp,face_id,emotion; the last one empty.
std::string coding_sample_csv(std::span<const CodingSampleRow> rows);

/// strata.csv, which tells what the model said and is not for the coder: id,stratum,weight.
std::string strata_csv(std::span<const CodingSampleRow> rows);

/// README.txt: what the coder is asked to do.
std::string coder_instructions(const ClassList& classes);

}  // namespace fer
