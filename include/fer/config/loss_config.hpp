#pragma once

#include <string>
#include <vector>

namespace fer {

/// `train.loss`; see Loss.
struct LossConfig {
  std::string name = "cross_entropy";  ///< cross_entropy | focal
  double label_smoothing = 0;
  std::string class_weights = "none";  ///< none | balanced
  double gamma = 2;                    ///< focal
  bool operator==(const LossConfig&) const = default;
};

/// `train.mix`; `p` is the share of the batches that are mixed, see mix().
struct MixConfig {
  double p = 1;
  double mixup = 0;   ///< alpha; 0: off
  double cutmix = 0;  ///< alpha; 0: off
  bool operator==(const MixConfig&) const = default;
};

/// What is learned from other models (Hinton, Vinyals & Dean 2015): `train.distill`.
struct DistillConfig {
  std::vector<std::string> teachers;  ///< checkpoints; empty: none
  double weight = 0.5;                ///< of what the teachers say; the rest is the labels'
  double temperature = 2;
  bool operator==(const DistillConfig&) const = default;
};

}  // namespace fer
