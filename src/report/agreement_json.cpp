#include <nlohmann/json.hpp>

#include "fer/report/agreement_files.hpp"
#include "figure_json.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const FrameAgreement& agreement, const Categories& categories) {
  Json per_class = Json::object();
  Json names = Json::array();
  for (int k = 0; k < categories.size(); ++k) {
    const CategoryAgreement& one = agreement.per_category[static_cast<std::size_t>(k)];
    names.push_back(categories.name(k));
    per_class[categories.name(k)] = {{"precision", one.precision},
                                     {"recall", one.recall},
                                     {"f1", one.f1},
                                     {"support", one.support},
                                     {"prevalence", one.prevalence},
                                     {"prevalence_of_model", one.prevalence_of_model}};
  }
  return {{"frames", agreement.frames},
          {"agreement", agreement.share},
          {"agreement_ci95", interval_json(agreement.share_ci95)},
          {"kappa", number_json(agreement.kappa)},
          {"kappa_ci95", interval_json(agreement.kappa_ci95)},
          {"clusters", agreement.clusters},
          {"per_class", per_class},
          {"confusion", agreement.confusion},
          {"categories", names}};
}

Json json_of(const FrameReadings& readings, const Categories& categories) {
  return {{"coverage", readings.coverage},
          {"all", json_of(readings.all, categories)},
          {"both_gave_a_class", json_of(readings.decided, categories)}};
}

Json json_of(const EventCounts& counts) {
  return {{"human", counts.human},
          {"model", counts.model},
          {"matched", counts.matched},
          {"precision", counts.precision},
          {"recall", counts.recall},
          {"f1", counts.f1},
          {"onset_error", number_json(counts.onset_error)},
          {"offset_error", number_json(counts.offset_error)},
          {"onset_distance", number_json(counts.onset_distance)},
          {"offset_distance", number_json(counts.offset_distance)}};
}

Json json_of(const EventAgreement& agreement, const Categories& categories) {
  Json json = json_of(agreement.overall);
  for (int k = 0; k < categories.classes.size(); ++k)
    json["per_class"][categories.name(k)] = json_of(agreement.per_class[static_cast<std::size_t>(k)]);
  return json;
}

Json counts_of(const CodingComparison& comparison) {
  return {{"coded_rows", comparison.rows},
          {"frames_compared", comparison.frames.size()},
          {"rows_not_to_count", comparison.rows_not_to_count},
          {"rows_of_other_videos", comparison.rows_of_other_videos},
          {"frames_without_partner", comparison.frames_without_partner},
          {"frames_between", comparison.frames_between},
          {"frames_ambiguous", comparison.frames_ambiguous},
          {"events_not_coded", comparison.events_not_coded}};
}

}  // namespace

std::string agreement_json(const AgreementReport& report) {
  Json videos = Json::array();
  for (const LabelledVideo& video : report.videos) videos.push_back(video.name);
  Json json = {
      {"videos", videos},
      {"classes", report.categories.classes.names()},
      {"labels", report.labels},
      {"counts", counts_of(report.comparison)},
      {"weighted", report.unweighted.has_value()},
      {"intervals_resample", report.clusters},
      {"frames", report.frames ? json_of(*report.frames, report.categories) : Json()},
      {"frames_unweighted", report.unweighted ? json_of(*report.unweighted, report.categories) : Json()},
      {"events", Json()},
      {"notes", report.notes}};
  if (report.events) {
    json["events"] = {{"tolerance", report.events->tolerance},
                      {"within_tolerance", json_of(report.events->boundaries, report.categories)},
                      {"iou", report.events->iou},
                      {"by_overlap", json_of(report.events->overlap, report.categories)}};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace fer
