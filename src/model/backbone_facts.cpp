#include "fer/model/backbone_facts.hpp"

#include <fmt/format.h>

#include <utility>

#include "fer/model/backbones.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/complexity.hpp"

namespace fer {

std::vector<BackboneFacts> backbone_facts() {
  std::vector<BackboneFacts> facts;
  for (const BackboneKind& kind : backbones())
    facts.push_back({.name = kind.name, .summary = kind.summary, .input_size = kind.input_size});
  return facts;
}

ClassifierCost write_random_checkpoint(const std::filesystem::path& path, const RandomClassifier& wanted) {
  const int size = wanted.input_size > 0 ? wanted.input_size : backbone(wanted.backbone).input_size;
  const auto classifier = make_classifier({.backbone = wanted.backbone,
                                           .classes = wanted.classes,
                                           .dropout = 0,
                                           .width = wanted.width,
                                           .input_size = size});
  const Complexity cost = complexity(*classifier, size);

  std::vector<std::string> names;
  for (int i = 1; i <= wanted.classes; ++i) names.push_back(fmt::format("class {}", i));
  Checkpoint checkpoint;
  checkpoint.info.backbone = wanted.backbone;
  checkpoint.info.width = wanted.width;
  checkpoint.info.classes = ClassList(std::move(names));
  checkpoint.info.preprocessing.size = size;
  checkpoint.info.trained_on = "nothing: its weights are random";
  checkpoint.weights = weights_of(*classifier);
  save_checkpoint(path, checkpoint);
  return {.input_size = size, .parameters = cost.parameters, .macs = cost.macs};
}

}  // namespace fer
