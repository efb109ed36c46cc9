#include "split_json.hpp"

#include <array>

#include "fer/core/error.hpp"
#include "fer/core/json_value.hpp"

namespace fer {
namespace {

constexpr std::array<Part, 4> kParts = {Part::train, Part::val, Part::test, Part::unused};
constexpr std::array<LeakKind, 4> kKinds = {LeakKind::subject, LeakKind::session_twin, LeakKind::duplicate,
                                            LeakKind::near_duplicate};

/// Calls field(name, member) for each plain value of a split, for reading and writing alike.
template <class AnyFacts, class Field>
void each_split_field(AnyFacts& facts, const Field& field) {
  field("folds", facts.folds);
  field("fold", facts.fold);
  field("subjects", facts.subjects);
  field("shared_subjects", facts.shared_subjects);
  field("without_subject", facts.without_subject);
  field("not_in_file", facts.not_in_file);
  field("excluded", facts.excluded);
  field("leakage_allowed", facts.leakage_allowed);
}

/// Likewise for what was dropped.
template <class AnySuspects, class Field>
void each_suspects_field(AnySuspects& suspects, const Field& field) {
  field("file", suspects.file);
  field("sha256", suspects.sha256);
  field("listed", suspects.listed);
  field("dropped", suspects.dropped);
  field("other_parts", suspects.other_parts);
  field("other_label", suspects.other_label);
  field("missing", suspects.missing);
}

Part part_of(const std::string& name) {
  for (const Part part : kParts) {
    if (part_name(part) == name) return part;
  }
  throw data_error("'{}' is no part of a split", name);
}

LeakKind kind_of(const std::string& name) {
  for (const LeakKind kind : kKinds) {
    if (name_of(kind) == name) return kind;
  }
  throw data_error("'{}' is no kind of leak", name);
}

}  // namespace

void to_json(nlohmann::ordered_json& json, const SplitFacts& facts) {
  json = {{"method", facts.method}};
  each_split_field(facts, [&](const char* name, const auto& value) { json[name] = value; });
  for (const Part part : kParts)
    json["samples"][part_name(part)] = facts.samples[static_cast<std::size_t>(part)];
  if (!facts.suspects.file.empty()) {
    each_suspects_field(facts.suspects,
                        [&](const char* name, const auto& value) { json["suspects"][name] = value; });
  }
  if (!facts.group.empty()) json["group_out"] = {{"attribute", facts.group}, {"value", facts.value}};
  json["leaks"] = nlohmann::ordered_json::array();
  for (const LeakGroup& group : facts.leaks) {
    json["leaks"].push_back({{"kind", name_of(group.kind)},
                             {"parts", {part_name(group.part), part_name(group.other_part)}},
                             {"count", group.count}});
  }
}

void from_json(const nlohmann::json& json, SplitFacts& facts) {
  json.at("method").get_to(facts.method);
  each_split_field(facts, [&](const char* name, auto& value) { read_value(json.at(name), value); });
  for (const Part part : kParts)
    read_value(json.at("samples").at(part_name(part)), facts.samples[static_cast<std::size_t>(part)]);
  if (const auto suspects = json.find("suspects"); suspects != json.end())
    each_suspects_field(facts.suspects,
                        [&](const char* name, auto& value) { read_value(suspects->at(name), value); });
  if (json.contains("group_out")) {
    json.at("group_out").at("attribute").get_to(facts.group);
    json.at("group_out").at("value").get_to(facts.value);
  }
  for (const nlohmann::json& group : json.at("leaks")) {
    facts.leaks.push_back({.kind = kind_of(group.at("kind").get<std::string>()),
                           .part = part_of(group.at("parts").at(0).get<std::string>()),
                           .other_part = part_of(group.at("parts").at(1).get<std::string>()),
                           .count = value_of<std::size_t>(group.at("count"))});
  }
}

}  // namespace fer
