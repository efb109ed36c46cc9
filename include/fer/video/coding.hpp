#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/video/labelled_video.hpp"

namespace fer {

/// The words a person who codes may write: names of the classes and their aliases; "no_face" and "none";
/// "unsure", "uncertain", "?" or nothing at all for what is not to count.
class CodingWords {
 public:
  /// `maps` are "contempt=disgust" for words that name no class, or mean another one here; "contempt=-" for
  /// what is not to count. Throws a usage error for a text without "=" or a target that is no such word.
  explicit CodingWords(Categories categories, std::span<const std::string> maps = {});

  /// The category; nothing for what is not to count. Throws a usage error that names `where`, the word and
  /// the classes for a word that means nothing.
  std::optional<int> category(std::string_view word, std::string_view where) const;

  const Categories& categories() const { return categories_; }

 private:
  struct Meaning {
    bool known = false;
    std::optional<int> category = {};
  };
  Meaning meaning(const std::string& word) const;

  Categories categories_;
  std::map<std::string, std::optional<int>> mapped_;
};

/// What a person says of one frame. It names the frame by number, by time, or both.
struct CodedFrame {
  std::string where = {};  ///< file and line, for messages
  std::string id = {};     ///< of a drawn sample
  std::string video = {};  ///< empty: not named
  std::optional<std::int64_t> frame = {};
  std::optional<double> timestamp = {};
  std::optional<int> face_id = {};
  std::optional<int> category = {};  ///< nothing: not to count
};

/// What a person says of a stretch of time, onset < offset.
struct CodedEvent {
  std::string where = {};
  std::string video = {};
  std::optional<int> face_id = {};
  std::optional<int> category = {};
  double onset = 0;
  double offset = 0;
};

/// A file made by a person, of frames or of events.
struct Coding {
  std::filesystem::path path = {};
  std::string media = {};  ///< the recording that the file names as a whole; often empty
  bool of_events = false;
  std::vector<CodedFrame> frames = {};
  std::vector<CodedEvent> events = {};
  std::vector<int> tiers = {};          ///< faces coded as a whole, with events or without
  std::vector<std::string> notes = {};  ///< what was left out
};

/// By the extension: ELAN's .eaf and Praat's .TextGrid, whose tiers are called "face 3" (a single tier may
/// have any name: it is of the one face there is); else CSV by the names of its columns, further ones being
/// ignored:
///   frames: [id,][video,]timestamp|frame[,face_id],emotion
///   events: [video,][face_id,]emotion,onset,offset
/// Throws a data error that names file and line for missing columns, values that are no numbers or negative,
/// events that end before they begin, and damaged files; what CodingWords throws for words.
Coding read_coding(const std::filesystem::path& path, const CodingWords& words);

}  // namespace fer
