#include "eval_suspects.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include "contradictions.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/report/suspect_files.hpp"
#include "fer/vision/image.hpp"
#include "prediction_folder.hpp"
#include "sample_pictures.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kSuspectOutputs = {"suspects.csv", "label_noise.csv", "suspects.png"};

const std::map<std::string, SuspectOrder>& orders() {
  static const std::map<std::string, SuspectOrder> names = {
      {"self_confidence", SuspectOrder::self_confidence},
      {"normalised_margin", SuspectOrder::normalised_margin}};
  return names;
}

fs::path output_folder(const SuspectOptions& options, const fs::path& predictions) {
  if (!options.output.empty()) return options.output;
  return predictions.parent_path().empty() ? "." : predictions.parent_path();
}

void require_free(const fs::path& folder, const SuspectOptions& options) {
  for (const char* name : kSuspectOutputs) {
    if (options.exist_ok || !fs::exists(folder / name)) continue;
    throw usage_error("{}: is there already; name another folder with -o, or pass --exist-ok",
                      (folder / name).string());
  }
}

/// Refuses predictions of images the model was trained on, and warns where that is not known.
void check_provenance(const Provenance& provenance, std::size_t samples, const SuspectOptions& options,
                      Log& log) {
  if (provenance.trained_on > 0 && !options.allow_in_sample) {
    throw data_error(
        "{} of {} images are ones the model was trained on ({}), whose labels it believes: predict them by "
        "cross-validation (fer-train --folds 5), or say --allow-in-sample",
        provenance.trained_on, samples, provenance.list.string());
  }
  if (provenance.trained_on > 0 || !provenance.known)
    log.warning("{}: wrong labels it was trained on are not found", provenance.text);
}

/// What is to be judged.
struct Judged {
  PredictionList list;
  std::vector<int> labels;
  std::vector<std::vector<float>> probabilities;
};

Judged read_judged(const fs::path& file) {
  Judged judged{.list = read_predictions(file), .labels = {}, .probabilities = {}};
  for (const Prediction& prediction : judged.list.predictions) {
    if (!prediction.label) throw data_error("{}: {} has no label", file.string(), prediction.path);
    judged.labels.push_back(*prediction.label);
    judged.probabilities.push_back(prediction.probabilities);
  }
  return judged;
}

/// Puts the contradictions among the suspects, by their score; true for each suspect that is one.
std::vector<bool> add_contradictions(std::vector<Suspect>& suspects,
                                     std::span<const Contradiction> contradictions, const Judged& judged,
                                     SuspectOrder order) {
  for (const auto& [sample, other_label] : contradictions) {
    std::erase_if(suspects, [&, one = sample](const Suspect& suspect) { return suspect.sample == one; });
    suspects.push_back({.sample = sample,
                        .label = judged.labels[sample],
                        .suggested = other_label,
                        .score = suspect_score(judged.probabilities[sample], judged.labels[sample], order)});
  }
  std::ranges::stable_sort(suspects, {},
                           [](const Suspect& suspect) { return std::pair(suspect.score, suspect.sample); });
  std::vector<bool> contradicting;
  for (const Suspect& suspect : suspects)
    contradicting.push_back(std::ranges::count(contradictions, suspect.sample, &Contradiction::sample) > 0);
  return contradicting;
}

SuspectReport suspect_report(const Judged& judged, const SuspectOptions& options, const fs::path& file) {
  const SuspectOrder order = orders().at(options.order);
  SuspectReport report;
  report.classes = judged.list.classes;
  report.samples = judged.labels.size();
  report.noise = find_label_noise(judged.labels, judged.probabilities, report.classes.size(), order);
  std::vector<Contradiction> contradictions;
  if (!options.problems.empty())
    contradictions = find_contradictions(options.problems, judged.list.predictions);
  const auto contradicting = add_contradictions(report.noise.suspects, contradictions, judged, order);
  const auto subjects = subjects_beside(file);
  for (std::size_t i = 0; i < contradicting.size(); ++i) {
    const Suspect& suspect = report.noise.suspects[i];
    const Prediction& prediction = judged.list.predictions[suspect.sample];
    const auto probability = [&](int label) {
      return prediction.probabilities[static_cast<std::size_t>(label)];
    };
    const auto subject = subjects.find(fs::path(prediction.path).lexically_normal().string());
    report.rows.push_back({.path = prediction.path,
                           .subject = subject == subjects.end() ? "" : subject->second,
                           .label = suspect.label,
                           .suggested = suspect.suggested,
                           .p_label = probability(suspect.label),
                           .p_suggested = probability(suspect.suggested),
                           .why = contradicting[i]    ? "contradicts"
                                  : suspect.confident ? "confident"
                                                      : "estimate"});
  }
  return report;
}

void write_sheet(const fs::path& file, const SuspectReport& report, const SuspectOptions& options, Log& log) {
  std::vector<std::string> paths;
  for (const SuspectRow& row : report.rows) {
    if (std::ssize(paths) < options.pictures) paths.push_back(row.path);
  }
  const std::vector<cv::Mat> pictures = sample_pictures(paths);
  const auto missing = std::ranges::count_if(pictures, &cv::Mat::empty);
  if (missing > 0) {
    log.warning("{} of {} pictures could not be read from here: paths are those of the predictions", missing,
                pictures.size());
  }
  write_image(file, draw_suspects(report, pictures,
                                  fmt::format("Doubtful labels, the first {} of {}", pictures.size(),
                                              report.rows.size())));
}

}  // namespace

void describe_suspects(CLI::App& command, SuspectOptions& options) {
  std::vector<std::string> names;
  for (const auto& [name, order] : orders()) names.push_back(name);
  command
      .add_option(
          "predictions", options.predictions,
          "Folder of a cross-validation, where every image was predicted by a run that never saw it; of a "
          "run or an evaluation; or a predictions.csv file")
      ->required();
  command.add_option("-o,--output", options.output, "Folder for the files; otherwise beside the predictions")
      ->type_name("DIR");
  command
      .add_option("--problems", options.problems,
                  "problems.csv of fer-data check: copies of an image under several labels are listed, too")
      ->type_name("FILE");
  command.add_option("--order", options.order, "What makes a label more suspicious than another")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  command.add_option("--pictures", options.pictures, "Suspects on the contact sheet")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command.add_flag("--allow-in-sample", options.allow_in_sample,
                   "List them even if the model was trained on these very images");
  command.add_flag("--exist-ok", options.exist_ok, "Write over existing files");
  command.footer("Column `why` of suspects.csv:\n" + suspect_reasons());
}

int list_suspects(const SuspectOptions& options, const LogOptions& log_options, const Console& console) {
  Log log(console, log_options);
  const fs::path file = predictions_of(options.predictions);
  const fs::path folder = output_folder(options, file);
  require_free(folder, options);
  const Judged judged = read_judged(file);
  const Provenance provenance = provenance_of(file, judged.list.predictions);
  check_provenance(provenance, judged.labels.size(), options, log);
  SuspectReport report = suspect_report(judged, options, file);
  report.provenance = provenance.text;
  make_folder(folder);
  write_file(folder / kSuspectOutputs[0], suspects_csv(report));
  write_file(folder / kSuspectOutputs[1], label_noise_csv(report));
  write_sheet(folder / kSuspectOutputs[2], report, options, log);
  console.out << suspects_text(report) << "list " << (folder / kSuspectOutputs[0]).string() << "\npictures "
              << (folder / kSuspectOutputs[2]).string() << '\n'
              << std::flush;
  return kOk;
}

}  // namespace fer
