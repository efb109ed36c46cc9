#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "canvas.hpp"
#include "fer/core/text.hpp"
#include "fer/report/inspection_files.hpp"

namespace fer {
namespace {

constexpr int kPixels = 2;  // a point, as in Canvas::picture()
constexpr int kColumns = 12;
constexpr double kSide = static_cast<double>(kThumbnailSide) / kPixels;
constexpr double kGap = 8;
constexpr double kMargin = 16;
constexpr double kWidth = 2 * kMargin + kColumns * (kSide + kGap) - kGap;
constexpr double kLine = 11;  // of a caption

constexpr Colour kAlarm{176, 36, 24};
constexpr Colour kEmpty{238, 240, 243};
// Blue, orange, green and purple of Okabe and Ito 2008, told apart by colour-blind readers.
constexpr std::array<Colour, 4> kBoxes = {{{0, 114, 178}, {230, 159, 0}, {0, 158, 115}, {204, 121, 167}}};

Colour box_colour(std::size_t detector) { return kBoxes[detector % kBoxes.size()]; }

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// Without letters at the front or at the end, until it fits.
std::string fitted(std::string text, double width, const TextStyle& style, bool keep_end) {
  if (text_width(text, style) <= width) return text;
  while (!text.empty() && text_width(text + "..", style) > width)
    text.erase(keep_end ? 0 : text.size() - 1, 1);
  return keep_end ? ".." + text : text + "..";
}

/// What stands on one place of a row.
struct Cell {
  std::vector<std::string> paths;    // of one thumbnail, or two
  std::vector<std::string> details;  // a line each
  bool alarming = false;
};

class Sheet {
 public:
  explicit Sheet(const Inspection& inspection) : inspection_(inspection) {}

  void head(const std::string& title) {
    Canvas canvas(kWidth, 48);
    canvas.text(title, {kMargin, 22}, {.size = 16, .bold = true, .max_width = kWidth / 2});
    double right = kWidth - kMargin;
    for (std::size_t i = inspection_.detectors.size(); i-- > 0;) {
      const TextStyle style{.size = 11, .align = Align::right};
      const std::string words = "face by " + inspection_.detectors[i];
      canvas.text(words, {right, 22}, style);
      right -= text_width(words, style) + 16;
      const cv::Rect2d mark(right, 17, 10, 10);
      canvas.fill(mark, box_colour(i));
      right -= 16;
    }
    bands_.push_back(canvas.picture());
  }

  void heading(const std::string& name, const std::string& words) {
    Canvas canvas(kWidth, 30);
    canvas.line({kMargin, 3}, {kWidth - kMargin, 3}, {.colour = kRule});
    const TextStyle bold{.size = 12, .bold = true};
    canvas.text(name, {kMargin, 17}, bold);
    const double left = kMargin + text_width(name, bold) + 10;
    canvas.text(words, {left, 17}, {.size = 10.5, .colour = kFaintInk, .max_width = kWidth - kMargin - left});
    bands_.push_back(canvas.picture());
  }

  void lines(std::span<const Problem* const> problems) {
    const TextStyle style{.size = 9.5};
    Canvas canvas(kWidth, 14 * static_cast<double>(problems.size()) + 6);
    for (std::size_t i = 0; i < problems.size(); ++i) {
      const Problem& problem = *problems[i];
      const std::string words = problem.path.empty() ? problem.detail : problem.path + ": " + problem.detail;
      canvas.text(fitted(words, kWidth - 2 * kMargin, style, true),
                  {kMargin, 14 * (static_cast<double>(i) + 0.5)}, style);
    }
    bands_.push_back(canvas.picture());
  }

  /// All with as many thumbnails as the first.
  void cells(std::span<const Cell> cells) {
    if (cells.empty()) return;
    const std::size_t per_row = kColumns / cells[0].paths.size();
    for (; cells.size() > per_row; cells = cells.subspan(per_row)) row(cells.first(per_row));
    row(cells);
  }

  cv::Mat picture() const {
    cv::Mat whole;
    cv::vconcat(bands_, whole);
    return whole;
  }

 private:
  void row(std::span<const Cell> cells) {
    std::size_t lines = 1;  // the file name
    for (const Cell& cell : cells) lines = std::max(lines, 1 + cell.details.size());
    Canvas canvas(kWidth, kSide + kLine * static_cast<double>(lines) + kGap + 2);
    std::vector<std::pair<cv::Point, const Thumbnail*>> pictures;
    double left = kMargin;
    for (const Cell& cell : cells) {
      const double cell_left = left;
      for (const std::string& path : cell.paths) {
        caption(canvas, path, left);
        const auto found = inspection_.thumbnails.find(path);
        if (found == inspection_.thumbnails.end()) {
          canvas.fill({left, 0, kSide, kSide}, kEmpty);
        } else {
          pictures.emplace_back(cv::Point(static_cast<int>(left * kPixels), 0), &found->second);
        }
        left += kSide + kGap;
      }
      const TextStyle style{.size = 7.5, .colour = cell.alarming ? kAlarm : kInk};
      for (std::size_t i = 0; i < cell.details.size(); ++i)
        canvas.text(fitted(cell.details[i], left - kGap - cell_left, style, false),
                    {cell_left, kSide + (1.7 + static_cast<double>(i)) * kLine}, style);
    }
    cv::Mat band = canvas.picture();
    for (const auto& [place, thumbnail] : pictures) paste(*thumbnail, place, band);
    bands_.push_back(band);
  }

  static void caption(Canvas& canvas, const std::string& path, double left) {
    const TextStyle style{.size = 7.5, .colour = kFaintInk};
    canvas.text(fitted(file_name(path), kSide, style, true), {left, kSide + 0.7 * kLine}, style);
  }

  static void paste(const Thumbnail& thumbnail, cv::Point place, cv::Mat& band) {
    cv::Mat framed = thumbnail.rgb.clone();
    for (std::size_t i = 0; i < thumbnail.faces.size(); ++i) {
      if (!thumbnail.faces[i]) continue;
      const Colour colour = box_colour(i);
      cv::rectangle(framed, cv::Rect(*thumbnail.faces[i]), {colour.red, colour.green, colour.blue}, 2);
    }
    const cv::Point middle((kThumbnailSide - framed.cols) / 2, (kThumbnailSide - framed.rows) / 2);
    framed.copyTo(band(cv::Rect(place + middle, framed.size())));
  }

  const Inspection& inspection_;
  std::vector<cv::Mat> bands_;
};

void draw_class(Sheet& sheet, const std::string& name, const ImageCounts& counts) {
  sheet.heading(name, fmt::format("{} images", counts.images));
  std::vector<Cell> cells;
  for (const std::string& path : counts.examples) cells.push_back({.paths = {path}, .details = {}});
  sheet.cells(cells);
}

/// The parts of a detail a line each; what each of them would say is left to the heading.
std::vector<std::string> detail_lines(const Problem& problem) {
  if (problem.kind == ProblemKind::no_face) return {};
  std::vector<std::string> lines;
  for (const std::string& part : split(problem.detail, ';')) lines.emplace_back(trim(part));
  return lines;
}

void draw_group(Sheet& sheet, const ProblemGroup& group, const Inspection& inspection, int examples) {
  const std::vector<const Problem*> shown = examples_of(group, examples);
  sheet.heading(fmt::format("{}: {}", title_of(group), group.problems.size()), meaning_of(group.kind));
  const bool pictures = std::ranges::any_of(
      shown, [&](const Problem* problem) { return inspection.thumbnails.contains(problem->path); });
  if (!pictures) {
    sheet.lines(shown);
    return;
  }
  std::vector<Cell> cells;
  for (const Problem* problem : shown) {
    cells.push_back({.paths = {problem->path},
                     .details = detail_lines(*problem),
                     .alarming = problem->differences.any()});
    if (!problem->other.empty()) cells.back().paths.push_back(problem->other);
  }
  sheet.cells(cells);
}

}  // namespace

cv::Mat draw_contact_sheet(const Inspection& inspection, const std::string& title, int examples) {
  Sheet sheet(inspection);
  sheet.head(title);
  for (int label = 0; label < inspection.classes.size(); ++label)
    draw_class(sheet, inspection.classes.name(label), inspection.per_class[static_cast<std::size_t>(label)]);
  for (const ProblemGroup& group : group_problems(inspection)) draw_group(sheet, group, inspection, examples);
  return sheet.picture();
}

}  // namespace fer
