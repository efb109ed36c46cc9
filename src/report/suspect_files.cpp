#include "fer/report/suspect_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "fer/core/csv.hpp"
#include "number_text.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

constexpr std::size_t kMostPairLines = 12;

/// Two classes and how much noise lies between them.
struct Pair {
  int label = 0;
  int other = 0;
  std::int64_t confident = 0;
  std::int64_t estimated = 0;
  std::int64_t labelled = 0;  ///< samples with the label
  std::int64_t listed = 0;

  double share() const { return static_cast<double>(estimated) / static_cast<double>(labelled); }
};

std::vector<Pair> pairs_of(const SuspectReport& report) {
  std::vector<Pair> pairs;
  for (int label = 0; label < report.classes.size(); ++label) {
    const auto row = static_cast<std::size_t>(label);
    const auto& estimated = report.noise.estimated[row];
    const auto labelled = std::accumulate(estimated.begin(), estimated.end(), std::int64_t{0});
    for (int other = 0; other < report.classes.size(); ++other) {
      if (other == label || labelled == 0) continue;
      const auto column = static_cast<std::size_t>(other);
      pairs.push_back({.label = label,
                       .other = other,
                       .confident = report.noise.confident[row][column],
                       .estimated = estimated[column],
                       .labelled = labelled,
                       .listed = std::ranges::count_if(report.rows, [&](const SuspectRow& suspect) {
                         return suspect.label == label && suspect.suggested == other;
                       })});
    }
  }
  return pairs;
}

std::string pairs_table(const SuspectReport& report) {
  std::vector<Pair> pairs = pairs_of(report);
  std::erase_if(pairs, [](const Pair& pair) { return pair.estimated == 0 && pair.listed == 0; });
  std::ranges::stable_sort(pairs, std::greater{}, &Pair::estimated);
  std::vector<std::vector<std::string>> table = {
      {"label", "looks like", "estimated", "% of label", "listed"}};
  for (const Pair& pair : std::span(pairs).first(std::min(pairs.size(), kMostPairLines))) {
    table.push_back({report.classes.name(pair.label), report.classes.name(pair.other),
                     std::to_string(pair.estimated), percent_number(pair.share()),
                     std::to_string(pair.listed)});
  }
  std::string text = text_table(table);
  if (pairs.size() > kMostPairLines)
    text += fmt::format("… and {} more pairs in label_noise.csv\n", pairs.size() - kMostPairLines);
  return text;
}

std::string counts_text(const SuspectReport& report) {
  const std::int64_t estimated = count_noise(report.noise.estimated);
  const auto contradicting = std::ranges::count(report.rows, "contradicts", &SuspectRow::why);
  std::string text = fmt::format(
      "{} of {} labels are estimated to be wrong ({} %); {} are listed, of {} of which the model is as sure "
      "as of "
      "the class's own images",
      estimated, report.samples,
      percent_number(static_cast<double>(estimated) / static_cast<double>(report.samples)),
      report.rows.size(), std::ranges::count(report.rows, "confident", &SuspectRow::why));
  if (contradicting > 0) text += fmt::format("; {} contradict a copy of theirs", contradicting);
  return text + "\n";
}

}  // namespace

std::string suspect_reasons() {
  return "confident    the model is as sure of the suggested class as it usually is of that class's own "
         "images\n"
         "estimate     less sure, but among the most doubtful of as many as are estimated to be wrong\n"
         "contradicts  the same image stands in the data under the suggested label\n";
}

std::string suspects_csv(const SuspectReport& report) {
  std::string text = "path,subject,label,suggested,p_label,p_suggested,rank,why\n";
  std::size_t rank = 0;
  for (const SuspectRow& row : report.rows) {
    text += csv_line(std::vector<std::string>{
        row.path, row.subject, report.classes.name(row.label), report.classes.name(row.suggested),
        csv_number(static_cast<float>(row.p_label)), csv_number(static_cast<float>(row.p_suggested)),
        std::to_string(++rank), row.why});
  }
  return text;
}

std::string label_noise_csv(const SuspectReport& report) {
  std::string text = "label,looks_like,confident,estimated,share,listed\n";
  for (const Pair& pair : pairs_of(report)) {
    text += csv_line(std::vector<std::string>{
        report.classes.name(pair.label), report.classes.name(pair.other), std::to_string(pair.confident),
        std::to_string(pair.estimated), csv_number(pair.share()), std::to_string(pair.listed)});
  }
  return text;
}

std::string suspects_text(const SuspectReport& report) {
  return fmt::format("{} images; {}\n\n{}{}", report.samples, report.provenance, pairs_table(report),
                     counts_text(report)) +
         "These are doubts, not mistakes: where the model errs with confidence, right labels are listed, and "
         "what "
         "it learned\nfrom wrong labels is not. Of expressions that people disagree on both labels may be "
         "right. "
         "Look before you drop.\n";
}

}  // namespace fer
