#include <fmt/format.h>

#include <algorithm>

#include "canvas.hpp"
#include "fer/core/error.hpp"
#include "fer/report/suspect_files.hpp"

namespace fer {
namespace {

constexpr std::size_t kColumns = 10;
constexpr double kSide = 80;
constexpr double kGap = 8;
constexpr double kMargin = 16;
constexpr double kTitle = 46;
constexpr double kCaption = 11;  // a line below a picture
constexpr double kRow = kSide + 3 * kCaption + 8;
constexpr double kWidth = 2 * kMargin + static_cast<double>(kColumns) * (kSide + kGap) - kGap;
constexpr Colour kEmpty{238, 240, 243};

cv::Point2d corner_of(std::size_t place) {
  const std::size_t column = place % kColumns, row = place / kColumns;
  return {kMargin + static_cast<double>(column) * (kSide + kGap), kTitle + static_cast<double>(row) * kRow};
}

void draw_caption(Canvas& canvas, const SuspectReport& report, std::size_t place) {
  const SuspectRow& row = report.rows[place];
  const cv::Point2d corner = corner_of(place);
  const auto line = [&](const std::string& words, double number, const TextStyle& style) {
    canvas.text(words, {corner.x, corner.y + kSide + (number + 0.7) * kCaption}, style);
  };
  line(fmt::format("{}. {} {:.0f} %", place + 1, report.classes.name(row.label), 100 * row.p_label), 0,
       {.size = 8.5, .max_width = kSide});
  line(fmt::format("{} {:.0f} %{}", report.classes.name(row.suggested), 100 * row.p_suggested,
                   row.why == "contradicts" ? ", a copy" : ""),
       1, {.size = 8.5, .colour = kFaintInk, .max_width = kSide});
  const TextStyle faint{.size = 7, .colour = kFaintInk};
  line(end_of(row.path, kSide, faint), 2, faint);
}

}  // namespace

cv::Mat draw_suspects(const SuspectReport& report, std::span<const cv::Mat> pictures,
                      const std::string& title) {
  if (pictures.size() > report.rows.size())
    throw failure("{} pictures of {} suspects", pictures.size(), report.rows.size());
  const std::size_t rows = std::max<std::size_t>(1, (pictures.size() + kColumns - 1) / kColumns);
  Canvas canvas(kWidth, kTitle + kRow * static_cast<double>(rows));
  canvas.text(title, {kMargin, 22}, {.size = 16, .bold = true, .max_width = kWidth - 2 * kMargin});
  if (pictures.empty()) canvas.text("no suspects", {kMargin, kTitle + 6}, {.size = 12});
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].empty()) canvas.fill({corner_of(i), cv::Size2d(kSide, kSide)}, kEmpty);
    draw_caption(canvas, report, i);
  }
  cv::Mat sheet = canvas.picture();
  for (std::size_t i = 0; i < pictures.size(); ++i)
    paste(sheet, pictures[i], {corner_of(i), cv::Size2d(kSide, kSide)});
  return sheet;
}

}  // namespace fer
