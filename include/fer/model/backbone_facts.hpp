#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace fer {

/// What those who need no tensors may know of a row of backbones().
struct BackboneFacts {
  std::string name;
  std::string summary;
  int input_size;  ///< pixels a side its published figures are for
};

/// Those of all rows, in their order.
std::vector<BackboneFacts> backbone_facts();

/// A classifier that never learned.
struct RandomClassifier {
  std::string backbone;
  int classes = 7;
  int input_size = 0;  ///< 0: the backbone's own
  double width = 1;    ///< as in ClassifierOptions
};

/// What it takes by itself, wherever it runs.
struct ClassifierCost {
  int input_size;
  std::int64_t parameters;
  std::int64_t macs;  ///< multiply-adds for one image, as complexity() counts them
};

/// Writes it as a checkpoint, to measure with. Throws what make_classifier() and save_checkpoint() do.
ClassifierCost write_random_checkpoint(const std::filesystem::path& path, const RandomClassifier& wanted);

}  // namespace fer
