#include "compared_predictions.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/report/metrics_files.hpp"
#include "prediction_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// One model's predictions by path; the labels and probabilities are those of the first model's classes.
struct Model {
  fs::path file;
  std::map<std::string, Prediction> by_path;
};

/// For each class of `wanted` its index in `found`.
std::vector<std::size_t> class_places(const ClassList& wanted, const ClassList& found, const fs::path& file,
                                      const fs::path& first) {
  std::vector<std::size_t> places;
  for (const std::string& name : wanted.names()) {
    if (const auto place = found.find(name)) places.push_back(static_cast<std::size_t>(*place));
  }
  if (std::ssize(places) != wanted.size() || wanted.size() != found.size()) {
    throw data_error("{}: its classes are {}, but those of {} are {}", file.string(),
                     join(found.names(), ", "), first.string(), join(wanted.names(), ", "));
  }
  return places;
}

Model read_model(const fs::path& file, const PredictionList& list, const ClassList& classes,
                 const fs::path& first) {
  const auto places = class_places(classes, list.classes, file, first);
  Model model{.file = file, .by_path = {}};
  for (const Prediction& found : list.predictions) {
    if (!found.label) throw data_error("{}: {} has no label", file.string(), found.path);
    Prediction prediction{
        .path = found.path, .label = classes.find(list.classes.name(*found.label)), .probabilities = {}};
    for (const std::size_t place : places) prediction.probabilities.push_back(found.probabilities[place]);
    const std::string path = fs::path(found.path).lexically_normal().string();
    if (!model.by_path.emplace(path, std::move(prediction)).second)
      throw data_error("{}: {} stands there twice", file.string(), path);
  }
  return model;
}

/// The paths that all models have, sorted; counts those that only some have.
std::vector<std::string> shared_paths(std::span<const Model> models, bool common, std::int64_t& left_out) {
  std::map<std::string_view, std::size_t> times;
  for (const Model& model : models) {
    for (const auto& [path, prediction] : model.by_path) ++times[path];
  }
  std::vector<std::string> shared;
  for (const auto& [path, count] : times) {
    if (count == models.size()) shared.emplace_back(path);
  }
  left_out = std::ssize(times) - std::ssize(shared);
  if (shared.empty()) {
    throw data_error("no image is common to all: {} has {}, {} has {}", models[0].file.string(),
                     models[0].by_path.begin()->first, models[1].file.string(),
                     models[1].by_path.begin()->first);
  }
  if (left_out > 0 && !common) {
    const auto first = std::ranges::find_if(
        times, [&](const auto& path_and_count) { return path_and_count.second != models.size(); });
    const auto lacks = std::ranges::find_if(
        models, [&](const Model& model) { return !model.by_path.contains(std::string(first->first)); });
    throw usage_error(
        "{} of {} images are not in all predictions, the first is {}, which {} lacks; --common "
        "compares on the others",
        left_out, times.size(), first->first, lacks->file.string());
  }
  return shared;
}

std::vector<int> shared_labels(std::span<const Model> models, std::span<const std::string> paths,
                               const ClassList& classes) {
  std::vector<int> labels;
  for (const std::string& path : paths) {
    const int label = models[0].by_path.at(path).label.value();
    for (const Model& model : models) {
      if (const int other = model.by_path.at(path).label.value(); other != label) {
        throw data_error("{}: labelled '{}' in {}, but '{}' in {}", path, classes.name(label),
                         models[0].file.string(), classes.name(other), model.file.string());
      }
    }
    labels.push_back(label);
  }
  return labels;
}

Clusters clusters_of(std::span<const Model> models, std::span<const std::string> paths) {
  Clusters clusters;
  for (const Model& model : models) {
    const auto subjects = subjects_beside(model.file);
    std::vector<std::string> names;
    for (const std::string& path : paths) {
      const auto found = subjects.find(path);
      names.push_back(found == subjects.end() ? "" : found->second);
    }
    clusters = clusters_by("subject", std::move(names));
    if (clusters.by == "subject") break;
  }
  return clusters;
}

/// The last `count` folders and files of a path.
std::string tail(const fs::path& path, std::ptrdiff_t count) {
  fs::path text;
  const auto parts = std::distance(path.begin(), path.end());
  for (auto part = std::next(path.begin(), std::max<std::ptrdiff_t>(0, parts - count)); part != path.end();
       ++part)
    text /= *part;
  return text.string();
}

}  // namespace

std::vector<std::string> telling_names(std::span<const fs::path> predictions) {
  std::vector<fs::path> paths;
  for (const fs::path& file : predictions) {
    const fs::path whole = fs::absolute(file).lexically_normal();
    const bool usual = whole.filename() == "predictions.csv";
    paths.push_back(usual ? whole.parent_path() : whole.parent_path() / whole.stem());
  }
  std::vector<std::string> names(paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto parts = std::distance(paths[i].begin(), paths[i].end());
    for (std::ptrdiff_t count = 1; count <= parts; ++count) {
      names[i] = tail(paths[i], count);
      const auto alike = [&](const fs::path& path) { return tail(path, count) == names[i]; };
      if (std::ranges::count_if(paths, alike) == 1) break;
    }
  }
  return names;
}

ComparedPredictions read_compared_predictions(std::span<const fs::path> models, bool common) {
  if (models.size() < 2) throw usage_error("one model alone cannot be compared: name two or more");
  std::vector<fs::path> files;
  for (const fs::path& path : models) {
    files.push_back(predictions_of(path));
    const auto same = [&](const fs::path& other) {
      std::error_code ignored;
      return fs::equivalent(other, files.back(), ignored);
    };
    if (std::ranges::any_of(files.begin(), files.end() - 1, same))
      throw usage_error("{} is named twice", path.string());
  }
  std::vector<Model> read;
  ClassList classes;
  for (const fs::path& file : files) {
    const PredictionList list = read_predictions(file);
    if (read.empty()) classes = list.classes;
    read.push_back(read_model(file, list, classes, files[0]));
  }
  ComparedPredictions compared{.names = telling_names(files), .samples = {}, .models = {}};
  const std::vector<std::string> paths = shared_paths(read, common, compared.left_out);
  compared.samples = {.labels = shared_labels(read, paths, classes),
                      .clusters = clusters_of(read, paths),
                      .classes = classes.size()};
  for (const Model& model : read) {
    ProbabilityRows& rows = compared.models.emplace_back();
    for (const std::string& path : paths) rows.push_back(model.by_path.at(path).probabilities);
  }
  return compared;
}

}  // namespace fer
