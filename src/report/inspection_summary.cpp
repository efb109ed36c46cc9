#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "fer/core/text.hpp"
#include "fer/report/inspection_files.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

using Fields = std::vector<std::string>;

constexpr int kShownProblems = 3;
constexpr std::size_t kShownValues = 12;
constexpr std::size_t kShownSubjects = 5;

std::string percent_of(std::size_t part, std::size_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f}", 100 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string text_of(const Extent& extent) {
  if (extent.min == extent.max) return std::to_string(extent.min);
  return fmt::format("{} / {} / {}", extent.min, extent.median, extent.max);
}

Fields class_row(const std::string& name, const ImageCounts& counts, const ImageCounts& all) {
  Fields row = {name, std::to_string(counts.images), percent_of(counts.images, all.images)};
  if (all.subjects > 0) row.push_back(std::to_string(counts.subjects));
  row.push_back(percent_of(counts.grey, counts.readable));
  row.push_back(counts.readable == 0 ? "-" : text_of(counts.shorter_side));
  for (const std::size_t found : counts.with_face) row.push_back(percent_of(found, counts.searched));
  return row;
}

std::string class_table(const Inspection& inspection) {
  Fields columns = {"Class", "Images", "Share (%)"};
  if (inspection.all.subjects > 0) columns.emplace_back("Subjects");
  columns.insert(columns.end(), {"Grey (%)", "Shorter side (px)"});
  for (const std::string& detector : inspection.detectors)
    columns.push_back(fmt::format("Face by {} (%)", detector));
  std::vector<Fields> rows = {columns};
  for (int label = 0; label < inspection.classes.size(); ++label) {
    rows.push_back(class_row(inspection.classes.name(label),
                             inspection.per_class[static_cast<std::size_t>(label)], inspection.all));
  }
  rows.push_back(class_row("all", inspection.all, inspection.all));
  return text_table(rows);
}

/// "a, b, c and 4 more".
std::string listing(std::span<const std::string> items, std::size_t shown) {
  if (items.size() <= shown + 1) return join(items, ", ");
  return fmt::format("{} and {} more", join(items.first(shown), ", "), items.size() - shown);
}

std::string subject_lines(const Inspection& inspection) {
  if (inspection.all.subjects == 0) return {};
  Fields lacking;
  for (const auto& [subject, classes] : inspection.incomplete_subjects)
    lacking.push_back(fmt::format("{} ({})", subject, join(classes, ", ")));
  std::string text = fmt::format("Subjects: {}, images of each {}\n", inspection.all.subjects,
                                 text_of(inspection.images_per_subject));
  if (!lacking.empty())
    text += fmt::format("{} of them lack a class: {}\n", lacking.size(), listing(lacking, kShownSubjects));
  return text;
}

std::string attribute_lines(const Inspection& inspection) {
  std::string text;
  for (const auto& [attribute, counts] : inspection.attributes) {
    Fields values;
    for (const auto& [value, count] : counts)
      values.push_back(fmt::format("{} {}", value.empty() ? "(none)" : value, count));
    text += fmt::format("{}: {}\n", attribute, listing(values, kShownValues));
  }
  return text;
}

/// "12 groups; 3 under different labels, 1 in different splits".
std::string group_line(const Inspection& inspection, ProblemKind kind) {
  std::size_t groups = 0;
  std::size_t labels = 0;
  std::size_t splits = 0;
  std::size_t subjects = 0;
  for (const DuplicateGroup& group : inspection.duplicates) {
    if (group.kind != kind) continue;
    ++groups;
    if (group.differences.label) ++labels;
    if (group.differences.split) ++splits;
    if (group.differences.subject) ++subjects;
  }
  Fields parts;
  if (labels > 0) parts.push_back(fmt::format("{} with different labels", labels));
  if (splits > 0) parts.push_back(fmt::format("{} across splits", splits));
  if (subjects > 0) parts.push_back(fmt::format("{} across subjects", subjects));
  return fmt::format("{} {}, {}", groups, groups == 1 ? "group" : "groups",
                     parts.empty() ? "none with different labels, splits or subjects" : join(parts, ", "));
}

std::string problem_line(const Problem& problem) {
  if (problem.path.empty()) return problem.detail;
  if (problem.other.empty()) return fmt::format("{}: {}", problem.path, problem.detail);
  return fmt::format("{} {} {}: {}", problem.path, problem.kind == ProblemKind::duplicate ? '=' : '~',
                     problem.other, problem.detail);
}

std::string findings(const Inspection& inspection) {
  const std::vector<ProblemGroup> groups = group_problems(inspection);
  if (groups.empty()) return "Findings: none\n";
  std::string text = "Findings\n";
  for (const ProblemGroup& group : groups) {
    text += fmt::format("{:>8}  {}: {}\n", group.problems.size(), title_of(group), meaning_of(group.kind));
    const bool duplicates = group.kind == ProblemKind::duplicate || group.kind == ProblemKind::near_duplicate;
    if (duplicates) text += fmt::format("{:10}{}\n", "", group_line(inspection, group.kind));
    for (const Problem* problem : examples_of(group, kShownProblems))
      text += fmt::format("{:12}{}\n", "", problem_line(*problem));
  }
  return text;
}

}  // namespace

std::string inspection_summary(const Inspection& inspection) {
  const ImageCounts& all = inspection.all;
  std::string text = class_table(inspection) + '\n';
  text += fmt::format("Width {} px, height {} px{}\n", text_of(all.width), text_of(all.height),
                      all.readable > 1 ? " (smallest / median / largest)" : "");
  text += subject_lines(inspection) + attribute_lines(inspection) + '\n' + findings(inspection);
  return text;
}

}  // namespace fer
