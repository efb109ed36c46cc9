#include "fer/video/image_sequence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/vision/image.hpp"

namespace fer {
namespace {

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/// Takes the number at the front away, without leading zeros.
std::string_view take_number(std::string_view& text) {
  while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
  const std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  return number;
}

bool naturally_less(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const std::string_view x = take_number(a);
      const std::string_view y = take_number(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[0] != b[0]) return std::char_traits<char>::lt(a[0], b[0]);  // as unsigned
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  return a.size() < b.size();
}

}  // namespace

ImageSequence::ImageSequence(std::filesystem::path name, std::vector<std::filesystem::path> pictures,
                             double fps)
    : name_(std::move(name)), pictures_(std::move(pictures)) {
  if (!(fps > 0 && std::isfinite(fps)))
    throw usage_error("pictures a second: {}, expected a number above 0", fps);
  facts_ = {.fps = fps,
            .duration_seconds = static_cast<double>(pictures_.size()) / fps,
            .frames_announced = static_cast<std::int64_t>(pictures_.size()),
            .codec = "images"};
  if (!next()) {
    throw data_error("{}: not one picture of it can be read: {}", name_.string(),
                     unreadable_.empty() ? "there is none" : unreadable_.front());
  }
  facts_.width = picture_.cols;
  facts_.height = picture_.rows;
  next_ = 0;
  unreadable_.clear();
  picture_.release();
}

std::optional<Frame> ImageSequence::next() {
  picture_.release();
  while (next_ < pictures_.size()) {
    const std::size_t index = next_++;
    try {
      picture_ = read_image(pictures_[index]);
      return Frame{.index = static_cast<std::int64_t>(index),
                   .timestamp = static_cast<double>(index) / facts_.fps};
    } catch (const Error& error) {
      unreadable_.emplace_back(error.what());
    }
  }
  return std::nullopt;
}

void ImageSequence::skip_towards(double timestamp) {
  const auto index = static_cast<std::size_t>(std::max(0.0, std::floor(timestamp * facts_.fps + 0.5)));
  next_ = std::max(next_, std::min(index, pictures_.size()));
}

cv::Mat ImageSequence::image() const {
  if (picture_.empty()) throw failure("{}: no frame is current", name_.string());
  return picture_;
}

cv::Mat ImageSequence::thumbnail() const {
  cv::Mat small;
  cv::Mat grey;
  cv::resize(image(), small, {kThumbnailWidth, kThumbnailHeight}, 0, 0, cv::INTER_AREA);
  cv::cvtColor(small, grey, cv::COLOR_RGB2GRAY);
  return grey;
}

std::vector<std::string> ImageSequence::warnings() const {
  if (unreadable_.empty()) return {};
  return {fmt::format("{} of {} pictures cannot be read, the first: {}", unreadable_.size(), pictures_.size(),
                      unreadable_.front())};
}

void sort_naturally(std::vector<std::filesystem::path>& paths) {
  std::ranges::stable_sort(
      paths, [](const auto& a, const auto& b) { return naturally_less(a.string(), b.string()); });
}

}  // namespace fer
