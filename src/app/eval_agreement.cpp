#include "eval_agreement.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/report/agreement_files.hpp"
#include "fer/report/video_results.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 4> kAgreementOutputs = {"agreement.json", "confusion.csv",
                                                          "frames_compared.csv", "events_matched.csv"};
constexpr double kOverlap = 0.5;
constexpr std::int64_t kFewClusters = 20;

void require_free(const AgreementOptions& options) {
  if (options.output.empty() || options.exist_ok) return;
  for (const char* name : kAgreementOutputs) {
    if (fs::exists(options.output / name)) {
      throw usage_error("{}: is there already; name another folder with -o, or pass --exist-ok",
                        (options.output / name).string());
    }
  }
}

/// By the drawn frames' ids.
using Strata = std::map<std::string, DrawnFrame>;

/// The file that was named, else the one that lies beside a coding of a drawn sample.
Strata strata_of(const AgreementOptions& options, std::span<const Coding> codings) {
  fs::path path = options.strata;
  for (const Coding& coding : codings) {
    const bool drawn = !coding.frames.empty() && !coding.frames[0].id.empty();
    if (path.empty() && drawn && fs::exists(coding.path.parent_path() / "strata.csv"))
      path = coding.path.parent_path() / "strata.csv";
  }
  if (path.empty()) return {};
  const CsvTable table = read_csv_table(path);
  const std::size_t id = table.require("id");
  const std::size_t stratum = table.require("stratum");
  const std::size_t weight = table.require("weight");
  Strata strata;
  for (const CsvRow& row : table.rows) {
    const auto number = parse_number(trim(row.fields[weight]));
    if (!number || !(*number > 0) || *number > 1e15) {
      throw data_error("{}:{}: '{}' is no weight above 0", table.source, row.line, row.fields[weight]);
    }
    strata[std::string(trim(row.fields[id]))] = {.stratum = row.fields[stratum], .weight = *number};
  }
  return strata;
}

/// Weights and strata of the compared frames; those of a drawn sample tell of all frames of their stratum.
void weigh(AgreementReport& report, const Strata& strata) {
  report.weights.assign(report.comparison.frames.size(), 1);
  if (strata.empty()) return;
  for (const ComparedFrame& frame : report.comparison.frames) {
    const auto found = strata.find(frame.id);
    if (found == strata.end()) {
      throw data_error(
          "{}: the frame's id '{}' is not among the strata; a drawn sample and other codings cannot "
          "be taken together",
          frame.where, frame.id);
    }
    report.strata.push_back(found->second.stratum);
  }
  std::vector<DrawnFrame> drawn;
  std::map<std::string, double> unrated;
  for (const auto& [id, frame] : strata) {
    drawn.push_back(frame);
    unrated[frame.stratum] += frame.weight;
  }
  report.weights = stratum_weights(report.strata, drawn);
  for (const std::string& stratum : report.strata) unrated.erase(stratum);
  for (const auto& [stratum, frames] : unrated) {
    report.notes.push_back(fmt::format(
        "no frame that the model calls {} was coded: the weighted figures do not tell of these {:.0f} frames",
        stratum, frames));
  }
}

FrameReadings readings_of(std::span<const Rating> ratings, const Categories& categories) {
  std::vector<Rating> decided;
  double weight = 0;
  double given = 0;
  const int classes = categories.classes.size();
  for (const Rating& rating : ratings) {
    weight += rating.weight;
    if (rating.model < classes) given += rating.weight;
    if (rating.human < classes && rating.model < classes) decided.push_back(rating);
  }
  return {.all = frame_agreement(ratings, categories.size()),
          .decided = frame_agreement(decided, categories.size()),
          .coverage = given / weight};
}

void compare_by_frames(AgreementReport& report, double block) {
  std::vector<RatedMoment> moments;
  for (const ComparedFrame& frame : report.comparison.frames)
    moments.push_back({.track = fmt::format("{:06}", frame.track), .timestamp = frame.timestamp});
  const Clusters clusters = clusters_of(moments, block);
  report.clusters =
      clusters.by == "track" ? "faces of videos" : fmt::format("blocks of {} s of each face", block);
  std::vector<Rating> ratings;
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const ComparedFrame& frame = report.comparison.frames[i];
    ratings.push_back({.human = frame.human,
                       .model = frame.model,
                       .weight = report.weights[i],
                       .cluster = clusters.names[i]});
  }
  report.frames = readings_of(ratings, report.categories);
  if (report.frames->all.clusters < kFewClusters) {
    report.notes.push_back(fmt::format("only {} {} to resample: intervals are missing or too narrow",
                                       report.frames->all.clusters, report.clusters));
  }
  if (report.strata.empty()) return;
  for (Rating& rating : ratings) rating.weight = 1;
  report.unweighted = readings_of(ratings, report.categories);
}

void compare_by_events(AgreementReport& report, double tolerance) {
  const CodingComparison& comparison = report.comparison;
  const int classes = report.categories.classes.size();
  report.events = EventReadings{.tolerance = tolerance, .iou = kOverlap};
  report.events->boundaries =
      event_agreement(comparison.human_events, comparison.model_events, classes, {.tolerance = tolerance});
  report.events->overlap =
      event_agreement(comparison.human_events, comparison.model_events, classes, {.iou = kOverlap});
}

void write_outputs(const AgreementReport& report, const fs::path& folder) {
  make_folder(folder);
  write_file(folder / kAgreementOutputs[0], agreement_json(report));
  if (report.frames) {
    write_file(folder / kAgreementOutputs[1], agreement_confusion_csv(report));
    write_file(folder / kAgreementOutputs[2], frames_compared_csv(report));
  }
  if (report.events) write_file(folder / kAgreementOutputs[3], events_matched_csv(report));
}

}  // namespace

void describe_agreement(CLI::App& command, AgreementOptions& options) {
  command
      .add_option("results", options.results, "Results of fer-infer: of one video, or the folder of several")
      ->type_name("DIR")
      ->required();
  command
      .add_option("coding", options.codings,
                  "What people coded: frames or events as CSV, ELAN's .eaf, Praat's .TextGrid")
      ->type_name("FILE")
      ->required();
  command
      .add_option("--map", options.maps,
                  "What a word means that names no class, such as contempt=disgust; "
                  "'-' leaves it out; may be repeated")
      ->type_name("WORD=CLASS")
      ->allow_extra_args(false);
  command
      .add_flag("--smoothed,!--raw", options.smoothed,
                "Compare frames with the model's smoothed labels (otherwise) or with those of single frames")
      ->capture_default_str();
  command
      .add_option("--tolerance", options.tolerance,
                  "Seconds between the onsets of two events, and between their "
                  "offsets, for them to be the same")
      ->capture_default_str();
  command.add_option(
      "--frame-tolerance", options.frame_tolerance,
      "Seconds from a coded frame to the sampled one it is compared with, at most (otherwise half "
      "the usual time from one sampled frame to the next)");
  command
      .add_option(
          "--block", options.block,
          "Seconds of a face's frames that intervals take as one, where there are fewer than ten faces")
      ->capture_default_str();
  command
      .add_option("--strata", options.strata,
                  "The strata of a drawn sample (otherwise strata.csv beside the coding)")
      ->type_name("FILE.csv");
  command.add_option("-o,--output", options.output, "Folder for the tables")->type_name("DIR");
  command.add_flag("--exist-ok", options.exist_ok, "Write over existing tables");
}

int run_agreement(const AgreementOptions& options, const Console& console) {
  require_free(options);
  AgreementReport report;
  report.labels = options.smoothed ? "smoothed" : "raw";
  report.videos =
      read_labelled_videos(options.results, options.smoothed ? LabelColumn::smoothed : LabelColumn::raw);
  report.categories = report.videos.front().categories;
  const CodingWords words(report.categories, options.maps);
  std::vector<Coding> codings;
  for (const fs::path& path : options.codings) codings.push_back(read_coding(path, words));
  report.comparison = compare(report.videos, codings, {.frame_tolerance = options.frame_tolerance});
  report.notes = report.comparison.notes;
  weigh(report, strata_of(options, codings));
  if (!report.comparison.frames.empty()) compare_by_frames(report, options.block);
  if (report.comparison.has_events) compare_by_events(report, options.tolerance);
  if (!options.output.empty()) write_outputs(report, options.output);
  console.out << agreement_text(report) << std::flush;
  return kOk;
}

}  // namespace fer
