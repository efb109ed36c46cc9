#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace fer {

/// A box as MTCNN computes with it; floats, as the results are to be facenet-pytorch's.
struct Edges {
  float left;
  float top;
  float right;
  float bottom;

  float width() const { return right - left; }
  float height() const { return bottom - top; }
  cv::Rect2f rect() const { return {left, top, width(), height()}; }
  bool operator==(const Edges&) const = default;
};

/// How far the sides of a box move, as shares of its size.
using Shift = Edges;

/// The level of an image pyramid that P-Net, which sees faces of 12 pixels, goes over.
struct PyramidLevel {
  double scale;
  cv::Size size;
};

/// From faces of `min_face` pixels to the largest the image has room for; none in a smaller image.
std::vector<PyramidLevel> pyramid_levels(cv::Size image, double min_face);

/// What P-Net says of one of its windows.
struct Cell {
  int column;
  int row;
  float score;
  Shift shift;
};

/// Where a cell's window lies in the image.
Edges window_of(const Cell& cell, double scale);

/// Non-maximum suppression of the cells of one level, at most 0.6 of the image's size, that come in rows from
/// the top: as suppress() with a threshold of 0.5, but in linear time. Highest score first.
std::vector<Cell> suppress_cells(const std::vector<Cell>& cells, const PyramidLevel& level);

/// The sides moved; `extra` is added to the size that the shares are of.
Edges shifted(const Edges& box, const Shift& shift, float extra);

/// About the same centre, as wide and high as the longer side.
Edges squared(const Edges& box);

/// The pixels inside the image, of a box whose first pixel has the number 1; empty where there is none.
cv::Rect pixels_of(const Edges& box, cv::Size image);

}  // namespace fer
