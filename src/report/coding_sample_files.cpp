#include "fer/report/coding_sample_files.hpp"

#include <fmt/format.h>

#include <vector>

#include "fer/core/csv.hpp"
#include "fer/core/text.hpp"

namespace fer {

using Fields = std::vector<std::string>;

std::string coding_sample_csv(std::span<const CodingSampleRow> rows) {
  std::string text = csv_line(Fields{"id", "image", "video", "frame", "timestamp", "face_id", "emotion"});
  for (const CodingSampleRow& row : rows) {
    text += csv_line(Fields{row.id, row.image(), row.video, std::to_string(row.frame),
                            fmt::format("{:.6f}", row.timestamp), std::to_string(row.face_id), ""});
  }
  return text;
}

std::string strata_csv(std::span<const CodingSampleRow> rows) {
  std::string text = csv_line(Fields{"id", "stratum", "weight"});
  for (const CodingSampleRow& row : rows)
    text += csv_line(Fields{row.id, row.stratum, csv_number(row.weight)});
  return text;
}

std::string coder_instructions(const ClassList& classes) {
  return fmt::format(
      "Please look at each picture in the folder images, in the order of sample.csv, and write into the "
      "column\n"
      "emotion which expression the face in the middle shows. Go by what you see, not by what the person may "
      "feel.\n\n"
      "Write one of these words:\n\n    {}\n\n"
      "Write unsure if you cannot tell, and no_face if there is no face in the middle.\n"
      "Change nothing else, keep every line, and save the file as CSV under its own name.\n"
      "Please do not open strata.csv before you are done, and code alone: answers count only if nobody and "
      "nothing\n"
      "suggested them.\n",
      join(classes.names(), "\n    "));
}

}  // namespace fer
