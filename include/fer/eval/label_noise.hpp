#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fer {

/// Of how many samples with one label (the row) it is thought that another class (the column) is the true
/// one.
using NoiseCounts = std::vector<std::vector<std::int64_t>>;

/// What suspects are sorted by.
enum class SuspectOrder {
  self_confidence,   ///< p(label)
  normalised_margin  ///< (p(label) - p(most probable other class) + 1) / 2
};

/// A sample whose label is doubted.
struct Suspect {
  std::size_t sample = 0;  ///< its position
  int label = 0;           ///< as given
  int suggested = 0;       ///< the most probable of the other classes
  double score = 0;        ///< 0..1 in the order asked for; the lower, the more suspicious
  bool confident = false;  ///< it is counted in LabelNoise::confident: p(suggested) is above its threshold
};

/// Confident learning (Northcutt, Jiang & Chuang 2021).
struct LabelNoise {
  std::vector<double>
      thresholds;  ///< of each class: mean probability of it where it is the label; NaN: nowhere
  /// The confident joint: samples by label and by the class of which they are thought to be, as its
  /// probability reaches the threshold (of several the most probable class). The diagonal is 1 at least.
  NoiseCounts confident;
  /// The same, scaled and rounded so that each row sums to the number of samples with that label.
  NoiseCounts estimated;
  std::vector<Suspect> suspects;  ///< the most suspicious first, of equals in the order of the samples
};

/// Which labels are doubtful, from probabilities of models that never saw the samples (cross-validation): of
/// those a model has learned it believes every label. labels[i] in 0..classes-1; probabilities[i]: one for
/// each class; two classes at least. Suspects are found as cleanlab does by default ("prune by noise rate"):
/// of each pair of label and class as many as estimated, those with the largest p(class) - p(label), but none
/// for whose label the model itself votes, and never all samples of a label. Where two
/// estimates are equally far from a whole number, cleanlab may round the other one.
/// Throws what check_rows() does, and a failure for a single class.
LabelNoise find_label_noise(std::span<const int> labels, std::span<const std::vector<float>> probabilities,
                            int classes, SuspectOrder order = SuspectOrder::self_confidence);

/// The score of one sample. Two classes at least.
double suspect_score(std::span<const float> probabilities, int label, SuspectOrder order);

/// The most probable class but this one, the first of equals. Two classes at least.
int strongest_other(std::span<const float> probabilities, int label);

/// The sum beside the diagonal.
std::int64_t count_noise(const NoiseCounts& counts);

}  // namespace fer
