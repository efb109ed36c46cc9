#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/eval/label_noise.hpp"

namespace fer {

/// A row of suspects.csv.
struct SuspectRow {
  std::string path = {};
  std::string subject = {};  ///< empty: not known
  int label = 0;             ///< as given
  int suggested = 0;
  double p_label = 0;      ///< the model's probability of the label
  double p_suggested = 0;  ///< and of the suggested one
  std::string why = {};    ///< "confident", "estimate" or "contradicts", see suspect_reasons()
};

/// What was doubted, of what.
struct SuspectReport {
  ClassList classes = {};
  std::size_t samples = 0;
  std::string provenance = {};  ///< one line: what is known of the predictions and the training
  LabelNoise noise = {};
  std::vector<SuspectRow> rows = {};  ///< the most suspicious first
};

/// The words of column `why` and what they mean, a line each.
std::string suspect_reasons();

/// suspects.csv: path,subject,label,suggested,p_label,p_suggested,rank,why; rank 1 is the most suspicious. It
/// is what data.drop_suspects reads.
std::string suspects_csv(const SuspectReport& report);

/// label_noise.csv: label,looks_like,confident,estimated,share,listed, a row for each two different classes
/// of which the first has samples; `share` is that of the label's samples estimated to be of the other class.
std::string label_noise_csv(const SuspectReport& report);

/// For people: where the predictions come from, the pairs of classes with most noise, the sums, and how such
/// a list errs.
std::string suspects_text(const SuspectReport& report);

/// The first suspects as an RGB picture, ten a row in the order of the list. Below each stand its rank, label
/// and suggested label with their probabilities and the end of its path. `pictures` are RGB, 8 bits, of any
/// size; an empty one shows as a grey field. Letters outside ASCII show as '?'. Throws a failure for more
/// pictures than rows.
cv::Mat draw_suspects(const SuspectReport& report, std::span<const cv::Mat> pictures,
                      const std::string& title);

}  // namespace fer
