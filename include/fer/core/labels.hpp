#pragma once

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

}  // namespace fer
