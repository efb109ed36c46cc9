#include "fer/report/inspection_files.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/data/look_alike.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Extent& extent) {
  return {{"min", extent.min}, {"median", extent.median}, {"max", extent.max}};
}

Json json_by_detector(std::span<const std::string> detectors, std::span<const std::size_t> counts) {
  Json json = Json::object();
  for (std::size_t i = 0; i < detectors.size(); ++i) json[detectors[i]] = counts[i];
  return json;
}

Json json_of(const ImageCounts& counts, std::span<const std::string> detectors) {
  return {{"images", counts.images},
          {"readable", counts.readable},
          {"subjects", counts.subjects},
          {"grey", counts.grey},
          {"width", json_of(counts.width)},
          {"height", json_of(counts.height)},
          {"shorter_side", json_of(counts.shorter_side)},
          {"searched_for_faces", counts.searched},
          {"with_face", json_by_detector(detectors, counts.with_face)},
          {"with_several_faces", json_by_detector(detectors, counts.several_faces)}};
}

Json json_of_subjects(const Inspection& inspection) {
  Json incomplete = Json::object();
  for (const auto& [subject, classes] : inspection.incomplete_subjects) incomplete[subject] = classes;
  return {{"subjects", inspection.all.subjects},
          {"images", json_of(inspection.images_per_subject)},
          {"lacking_classes", std::move(incomplete)}};
}

Json json_of(const Differences& differences) {
  Json names = Json::array();
  if (differences.label) names.push_back("label");
  if (differences.split) names.push_back("split");
  if (differences.subject) names.push_back("subject");
  return names;
}

Json problem_counts(const Inspection& inspection) {
  Json json = Json::object();
  for (auto kind = ProblemKind::empty_class; kind != ProblemKind::no_face;
       kind = static_cast<ProblemKind>(static_cast<int>(kind) + 1))
    json[name_of(kind)] = 0;
  Json& no_face = json[name_of(ProblemKind::no_face)] = Json::object();
  for (const std::string& detector : inspection.detectors) no_face[detector] = 0;
  for (const ProblemGroup& group : group_problems(inspection)) {
    Json& count = json[name_of(group.kind)];
    (group.detector.empty() ? count : count[group.detector]) = group.problems.size();
  }
  return json;
}

Json json_of(const Problem& problem) {
  Json json = {{"problem", name_of(problem.kind)}, {"path", problem.path}, {"detail", problem.detail}};
  if (!problem.detector.empty()) json["detector"] = problem.detector;
  if (!problem.other.empty()) {
    json["other"] = problem.other;
    json["differ"] = json_of(problem.differences);
  }
  return json;
}

}  // namespace

std::string title_of(const ProblemGroup& group) {
  std::string title(name_of(group.kind));
  if (!group.detector.empty()) title += " (" + group.detector + ")";
  return title;
}

std::string meaning_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::empty_class:
      return "classes without images";
    case ProblemKind::rejected:
      return "files that are no samples";
    case ProblemKind::unreadable:
      return "files that are missing, empty or no images";
    case ProblemKind::truncated:
      return "files that end before their images do";
    case ProblemKind::blank:
      return fmt::format("images of one colour (deviation of grey values below {:g})", kBlankDeviation);
    case ProblemKind::small:
      return fmt::format("images with a side below {} pixels", kSmallSide);
    case ProblemKind::duplicate:
      return "images with the same pixels as an earlier one";
    case ProblemKind::near_duplicate:
      return "images that look like an earlier one: coded anew, resized, lighter or darker";
    case ProblemKind::no_face:
      break;
  }
  return "images in which the detector finds no face";
}

std::string inspection_json(const Inspection& inspection, std::span<const DatasetSource> sources) {
  Json json = {{"sources", Json::array()},
               {"limits",
                {{"blank_deviation", kBlankDeviation},
                 {"small_side", kSmallSide},
                 {"grey_spread", kGreySpread},
                 {"look_alike_bits", kLookAlikeBits},
                 {"look_alike_difference", kLookAlikeDifference}}},
               {"all", json_of(inspection.all, inspection.detectors)},
               {"classes", Json::object()},
               {"subjects", json_of_subjects(inspection)},
               {"attributes", inspection.attributes},
               {"problem_counts", problem_counts(inspection)},
               {"problems", Json::array()},
               {"duplicates", Json::array()}};
  for (const DatasetSource& source : sources)
    json["sources"].push_back({{"kind", source.kind}, {"root", source.root.string()}});
  for (int label = 0; label < inspection.classes.size(); ++label) {
    json["classes"][inspection.classes.name(label)] =
        json_of(inspection.per_class[static_cast<std::size_t>(label)], inspection.detectors);
  }
  for (const Problem& problem : inspection.problems) json["problems"].push_back(json_of(problem));
  for (const auto& [kind, paths, differences] : inspection.duplicates) {
    json["duplicates"].push_back(
        {{"problem", name_of(kind)}, {"paths", paths}, {"differ", json_of(differences)}});
  }
  // File names are bytes: what is not UTF-8 is replaced rather than refused.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string problems_csv(const Inspection& inspection) {
  std::string text = "path,problem,detail,other\n";
  for (const ProblemGroup& group : group_problems(inspection)) {
    for (const Problem* problem : group.problems)
      text += csv_line(std::array{problem->path, title_of(group), problem->detail, problem->other});
  }
  return text;
}

}  // namespace fer
