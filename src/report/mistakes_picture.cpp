#include "fer/report/mistakes_picture.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "canvas.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr int kMostPairs = 8;
constexpr int kColumns = 8;
constexpr double kCell = 80;  // of a crop
constexpr double kGap = 8;
constexpr double kMargin = 16;
constexpr double kWidth = 2 * kMargin + kColumns * (kCell + kGap) - kGap;
constexpr double kTitle = 46;
constexpr double kHeading = 28;
constexpr double kCaption = 11;  // a line below a crop
constexpr double kRow = kHeading + kCell + 3 * kCaption + 8;

double left_of(std::size_t column) { return kMargin + static_cast<double>(column) * (kCell + kGap); }

std::span<const std::size_t> shown(const ConfusedPair& pair) {
  return std::span(pair.samples).first(std::min<std::size_t>(pair.samples.size(), kColumns));
}

void draw_heading(Canvas& canvas, const ConfusedPair& pair, const ClassList& classes, double top) {
  canvas.line({kMargin, top}, {kWidth - kMargin, top}, {.colour = kRule});
  const TextStyle bold{.size = 12, .bold = true, .max_width = kWidth / 2};
  const std::string names = classes.name(pair.label) + " -> " + classes.name(pair.predicted);
  canvas.text(names, {kMargin, top + 14}, bold);
  const std::string figures =
      fmt::format("{} images, {:.1f} % of {} (95 % {:.1f}-{:.1f}), {:.0f} % sure on average", pair.count,
                  100 * pair.share, classes.name(pair.label), 100 * pair.share_ci95.low,
                  100 * pair.share_ci95.high, 100 * pair.mean_confidence);
  const double left = kMargin + std::min(text_width(names, bold), kWidth / 2) + 10;
  canvas.text(figures, {left, top + 14},
              {.size = 10.5, .colour = kFaintInk, .max_width = kWidth - kMargin - left});
}

void draw_captions(Canvas& canvas, const ConfusedPair& pair, const Mistakes& mistakes, double top) {
  for (std::size_t column = 0; column < shown(pair).size(); ++column) {
    const std::size_t sample = pair.samples[column];
    const auto& probabilities = mistakes.scored.probabilities[sample];
    const auto line = [&](int label, double y, Colour colour) {
      canvas.text(fmt::format("{} {:.0f} %", mistakes.classes.name(label),
                              100 * probabilities[static_cast<std::size_t>(label)]),
                  {left_of(column), y}, {.size = 8.5, .colour = colour, .max_width = kCell});
    };
    line(pair.predicted, top + 0.7 * kCaption, kInk);
    line(pair.label, top + 1.7 * kCaption, kFaintInk);
    const TextStyle faint{.size = 7, .colour = kFaintInk};
    canvas.text(end_of(mistakes.scored.paths[sample], kCell, faint), {left_of(column), top + 2.7 * kCaption},
                faint);
  }
}

void paste_crops(cv::Mat& picture, const ConfusedPair& pair, const Mistakes& mistakes, double top) {
  for (std::size_t column = 0; column < shown(pair).size(); ++column)
    paste(picture, mistakes.crops[pair.samples[column]], {left_of(column), top, kCell, kCell});
}

}  // namespace

cv::Mat draw_mistakes(const Mistakes& mistakes, const std::string& title) {
  if (mistakes.crops.size() != mistakes.scored.paths.size())
    throw failure("{} crops of {} samples", mistakes.crops.size(), mistakes.scored.paths.size());
  const auto pairs = mistakes.pairs.first(std::min<std::size_t>(mistakes.pairs.size(), kMostPairs));
  Canvas canvas(kWidth, kTitle + std::max(kHeading, kRow * static_cast<double>(pairs.size())));
  canvas.text(title, {kMargin, 22}, {.size = 16, .bold = true, .max_width = kWidth - 2 * kMargin});
  if (pairs.empty()) canvas.text("no mistakes", {kMargin, kTitle + 6}, {.size = 12});
  const auto top = [](std::size_t row) { return kTitle + kRow * static_cast<double>(row); };
  for (std::size_t row = 0; row < pairs.size(); ++row) {
    draw_heading(canvas, pairs[row], mistakes.classes, top(row));
    draw_captions(canvas, pairs[row], mistakes, top(row) + kHeading + kCell);
  }
  cv::Mat picture = canvas.picture();
  for (std::size_t row = 0; row < pairs.size(); ++row)
    paste_crops(picture, pairs[row], mistakes, top(row) + kHeading);
  return picture;
}

}  // namespace fer
