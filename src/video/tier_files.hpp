#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fer {

/// A stretch of a tier, in seconds.
struct TierPart {
  std::string where;  ///< for messages: the file and what it calls the part
  double begin;
  double end;
  std::string text;
};

struct Tier {
  std::string name;
  std::vector<TierPart> parts;
};

/// What ELAN and Praat keep: named rows of stretches with texts.
struct TierFile {
  std::string media;  ///< file name of the recording; empty: not named
  std::vector<Tier> tiers;
};

/// ELAN's .eaf, annotations that are aligned in time; those that refer to others are left out. Throws a data
/// error that names the file for XML that is damaged or is no .eaf.
TierFile read_eaf(const std::filesystem::path& path);

/// Praat's TextGrid, long and short text format, in UTF-8 or UTF-16; interval tiers, without the empty
/// intervals. Throws a data error that names the file for what is none.
TierFile read_textgrid(const std::filesystem::path& path);

}  // namespace fer
