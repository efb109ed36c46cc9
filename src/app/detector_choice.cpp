#include "detector_choice.hpp"

#include <algorithm>

#include "engines.hpp"
#include "fer/core/model_files.hpp"

namespace fer {
bool has_files(const FaceDetectorKind& kind, const std::filesystem::path& models_folder) {
  if (kind.facts.model_files.empty()) return true;
  return std::ranges::all_of(files_of_model(kind.facts.model_files), [&](const ModelFile& file) {
    return find_model_file(file, models_folder).has_value();
  });
}

std::vector<std::string> detector_names() {
  std::vector<std::string> names;
  for (const FaceDetectorKind& kind : detectors()) names.push_back(kind.facts.name);
  return names;
}

std::vector<std::string> face_finders() {
  std::vector<std::string> names;
  for (const FaceDetectorKind& kind : detectors()) {
    if (kind.facts.name != whole_image_detector().facts.name) names.push_back(kind.facts.name);
  }
  return names;
}

void add_detection_options(CLI::App& command, FaceDetectorOptions& options) {
  command.add_option("--models-dir", options.models_folder, "Where the detectors' files lie")
      ->type_name("DIR");
  command.add_option("--min-size", options.min_size, "Smallest face, as a share of the image's shorter side")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
}

const FaceDetectorKind& usual_detector(const Preprocessing& training,
                                       const std::filesystem::path& models_folder) {
  if (training.detector != whole_image_detector().facts.name) return detector_called(training.detector);
  const FaceDetectorKind& yunet = detector_called("yunet");
  return has_files(yunet, models_folder) ? yunet : detector_called("haar");
}

std::vector<const FaceDetectorKind*> choose_detectors(std::span<const std::string> names,
                                                      std::span<const std::string> usual,
                                                      const std::filesystem::path& models_folder, Log& log) {
  std::vector<const FaceDetectorKind*> kinds;
  const bool all = names.size() == 1 && names[0] == "all";
  const std::vector<std::string> finders = face_finders();
  for (const std::string& name : all ? std::span(finders) : names.empty() ? usual : names) {
    const FaceDetectorKind& kind = detector_called(name);
    if (!names.empty() || has_files(kind, models_folder)) {
      kinds.push_back(&kind);
    } else {
      log.info("{} is left out: 'fer-data fetch {}' fetches its files", name, kind.facts.model_files);
    }
  }
  return kinds;
}

}  // namespace fer
