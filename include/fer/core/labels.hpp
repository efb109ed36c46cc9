#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// The classes of FER-2013, in its order; the default class list everywhere.
const std::vector<std::string>& canonical_classes();

/// The project's word for an emotion named in any common vocabulary (KDEF, AffectNet, RAF-DB, FaceReader …):
/// "Afraid" -> "fear", "happiness" -> "happy". Case is ignored. Nothing for a word that is not known.
std::optional<std::string> canonical_label(std::string_view word);

/// An ordered list of distinct class names; the index of a name is its label.
class ClassList {
 public:
  ClassList() : ClassList(canonical_classes()) {}

  /// Throws a usage error for fewer than two names, an empty name, or two names that mean the same.
  explicit ClassList(std::vector<std::string> names);

  int size() const { return static_cast<int>(names_.size()); }
  const std::string& name(int label) const { return names_.at(static_cast<std::size_t>(label)); }
  std::span<const std::string> names() const { return names_; }

  /// The label of a name or of one of its aliases; case is ignored.
  std::optional<int> find(std::string_view word) const;

  bool operator==(const ClassList&) const = default;

 private:
  std::vector<std::string> names_;
};

/// What the words of a data set mean: its own first, then the names and aliases of the classes.
class LabelMap {
 public:
  /// `words` goes from a word to a class, or to kLeftOut; case is ignored. Throws a usage error for a word
  /// that stands twice and for a class that is none.
  LabelMap(ClassList classes, const std::map<std::string, std::string>& words = {});  // NOLINT: classes alone

  static constexpr std::string_view kLeftOut = "-";

  const ClassList& classes() const { return classes_; }

  /// Nothing for a word that is not known or left out.
  std::optional<int> find(std::string_view word) const;

  bool leaves_out(std::string_view word) const;

 private:
  ClassList classes_;
  std::map<std::string, std::optional<int>> words_;  ///< by lower case; nothing: left out
};

}  // namespace fer
