#include "fer/report/confusion_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/core/error.hpp"
#include "figure_parts.hpp"

namespace fer {
namespace {

constexpr double kMargin = 4;
constexpr double kTitle = 16;
constexpr double kPad = 3;        // around a name
constexpr double kCellPad = 1.5;  // around a cell's figures
constexpr double kOneLine = 11;
constexpr double kTwoLines = 23;  // height of a cell with two lines of text
constexpr double kLargestCell = 62;

std::int64_t sum_of(std::span<const std::int64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

/// What has no room for the figures of many classes is taken from their names.
double longest_name(const ClassList& classes) { return classes.size() > 12 ? 60 : 90; }

double widest(std::span<const std::string> texts, const Type& type = {}) {
  double width = 0;
  for (const std::string& text : texts) width = std::max(width, printed_width(text, type));
  return width;
}

/// What a cell says, in words that differ in length.
struct CellTexts {
  std::string count;
  std::string share;  ///< of the row, in percent; "–" for a row without samples
};

std::string count_text(std::int64_t count, bool thousands) {
  if (!thousands || count < 1'000) return std::to_string(count);
  return count < 999'500 ? fmt::format("{:.0f}k", static_cast<double>(count) / 1e3)
                         : fmt::format("{:.0f}M", static_cast<double>(count) / 1e6);
}

/// All cells, in words of one length.
class Cells {
 public:
  Cells(const Confusion& confusion, int decimals, bool thousands) {
    for (const auto& row : confusion) {
      const auto sum = static_cast<double>(sum_of(row));
      for (const std::int64_t count : row) {
        counts_.push_back(count_text(count, thousands));
        shares_.push_back(
            sum == 0 ? "–" : fmt::format("{:.{}f}", 100 * static_cast<double>(count) / sum, decimals));
      }
    }
  }

  double width() const { return std::max(widest(counts_, {.bold = true}), widest(shares_)) + 2 * kCellPad; }
  CellTexts at(std::size_t cell) const { return {counts_[cell], shares_[cell]}; }

 private:
  std::vector<std::string> counts_;
  std::vector<std::string> shares_;
};

/// White to dark blue, evenly darker: readable in grey and by colour-blind readers.
Rgb blue(double share) {
  constexpr Rgb kStops[] = {{250, 252, 255}, {140, 185, 222}, {43, 110, 178}, {10, 45, 105}};
  const double at = 3 * share;
  const int stop = std::min(static_cast<int>(at), 2);
  const auto between = [&](std::uint8_t Rgb::*channel) {
    return static_cast<std::uint8_t>(
        std::lround(std::lerp(kStops[stop].*channel, kStops[stop + 1].*channel, at - stop)));
  };
  return {.red = between(&Rgb::red), .green = between(&Rgb::green), .blue = between(&Rgb::blue)};
}

/// Where everything lies, and in which words.
struct Layout {
  double width = kOneColumn;
  double label = 0;  // width of the labels left of the cells, with what is around them
  cv::Size2d cell;
  double header = 0;           // height of the names above the cells
  bool upwards = false;        // these names
  std::optional<Cells> cells;  // nothing where they have no room

  cv::Point2d corner() const { return {kMargin + label, kMargin + kTitle + header}; }
};

/// In a figure of that width.
Layout layout_in(double width, const Confusion& confusion, const ClassList& classes) {
  Layout layout;
  layout.width = width;
  const auto count = static_cast<double>(classes.size());
  std::vector<std::string> sums;
  for (const auto& row : confusion) sums.push_back(fmt::format("n = {}", sum_of(row)));
  layout.label =
      std::max(std::min(widest(classes.names()), longest_name(classes)), widest(sums)) + 2 * kPad + 12;
  const double room = (width - 2 * kMargin - layout.label) / count;
  for (const auto& [decimals, thousands] : {std::pair(1, false), std::pair(0, false), std::pair(0, true)}) {
    Cells cells(confusion, decimals, thousands);
    if (cells.width() > room || (thousands && width < kTwoColumns)) continue;
    layout.cells = std::move(cells);
    break;
  }
  layout.cell.width = std::min(room, kLargestCell);
  layout.cell.height = std::clamp(0.8 * layout.cell.width, layout.cells ? kTwoLines : kOneLine, 34.0);
  const double names = widest(classes.names());
  layout.upwards = names > layout.cell.width - 2;
  layout.header = 14 + (layout.upwards ? std::min(names, longest_name(classes)) + 2 * kPad : 12);
  return layout;
}

Layout layout_of(const Confusion& confusion, const ClassList& classes) {
  Layout narrow = layout_in(kOneColumn, confusion, classes);
  return narrow.cells ? narrow : layout_in(kTwoColumns, confusion, classes);
}

void draw_names(Figure& figure, const Layout& layout, const Confusion& confusion, const ClassList& classes) {
  const cv::Point2d corner = layout.corner();
  const double side = layout.cell.width * classes.size();
  figure.text("predicted", {corner.x + side / 2, kMargin + kTitle + 6},
              {.colour = kGrey, .anchor = Anchor::middle});
  figure.text("label", {kMargin + 5, corner.y + layout.cell.height * classes.size() / 2},
              {.colour = kGrey, .anchor = Anchor::middle, .upwards = true});
  for (int k = 0; k < classes.size(); ++k) {
    const std::string name = shortened(classes.name(k), longest_name(classes));
    const double row = corner.y + layout.cell.height * (k + 0.5);
    const bool two_lines = layout.cell.height >= kTwoLines;
    figure.text(name, {corner.x - kPad, two_lines ? row - 5 : row}, {.anchor = Anchor::end});
    if (two_lines) {
      figure.text(fmt::format("n = {}", sum_of(confusion[static_cast<std::size_t>(k)])),
                  {corner.x - kPad, row + 5}, {.colour = kGrey, .anchor = Anchor::end});
    }
    const cv::Point2d above(corner.x + layout.cell.width * (k + 0.5),
                            corner.y - kPad - (layout.upwards ? 0 : 4));
    figure.text(name, above,
                {.anchor = layout.upwards ? Anchor::start : Anchor::middle, .upwards = layout.upwards});
  }
}

void draw_cells(Figure& figure, const Layout& layout, const Confusion& confusion) {
  for (std::size_t row = 0; row < confusion.size(); ++row) {
    const auto sum = static_cast<double>(std::max<std::int64_t>(1, sum_of(confusion[row])));
    for (std::size_t column = 0; column < confusion.size(); ++column) {
      const cv::Point2d place(static_cast<double>(column) * layout.cell.width,
                              static_cast<double>(row) * layout.cell.height);
      const std::int64_t count = confusion[row][column];
      const Rgb ground = blue(static_cast<double>(count) / sum);
      figure.box({layout.corner() + place + cv::Point2d(0.25, 0.25), layout.cell - cv::Size2d(0.5, 0.5)},
                 ground);
      if (!layout.cells) continue;
      const auto [words, share] = layout.cells->at(row * confusion.size() + column);
      const cv::Point2d centre = layout.corner() + place + cv::Point2d(layout.cell) / 2;
      const Rgb ink = printed_on(ground);
      figure.text(words, centre - cv::Point2d(0, 5),
                  {.colour = ink, .anchor = Anchor::middle, .bold = count > 0});
      figure.text(share, centre + cv::Point2d(0, 5), {.colour = ink, .anchor = Anchor::middle});
    }
  }
}

}  // namespace

Figure confusion_figure(const Confusion& confusion, const ClassList& classes, const std::string& title) {
  const auto count = static_cast<std::size_t>(classes.size());
  if (confusion.size() != count) {
    throw failure("a confusion matrix of {} classes cannot be drawn under {} class names", confusion.size(),
                  classes.size());
  }
  constexpr double kCaption = 13;
  const Layout layout = layout_of(confusion, classes);
  const double bottom = layout.corner().y + layout.cell.height * classes.size();
  Figure figure(title + ": confusion matrix", {layout.width, bottom + kCaption + kMargin});
  const double room = layout.width - 2 * kMargin;
  figure.text(shortened(title, room, kTitleType), {kMargin, kMargin + kTitle / 2}, kTitleType);
  draw_names(figure, layout, confusion, classes);
  draw_cells(figure, layout, confusion);
  figure.text(layout.cells ? "count, share of the row (%)" : "white to dark: 0 to 100 % of the row",
              {layout.corner().x, bottom + kCaption / 2 + 1}, {.colour = kGrey});
  return figure;
}

}  // namespace fer
