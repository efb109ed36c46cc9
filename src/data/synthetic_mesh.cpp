#include "synthetic_mesh.hpp"

#include <algorithm>
#include <cmath>

namespace fer::synthetic {

Surface::Surface(int rows_in, int cols_in) : rows(rows_in), cols(cols_in) {
  const auto count = static_cast<std::size_t>(rows * cols);
  position.resize(count);
  normal.resize(count);
  texel.resize(count);
  openness.assign(count, 1);
}

void Surface::compute_normals(const cv::Vec3f& inside) {
  float outwards = 0;
  for (int row = 0; row < rows; ++row) {
    for (int col = 0; col < cols; ++col) {
      const auto point = [&](int r, int c) {
        return position[at(std::clamp(r, 0, rows - 1), std::clamp(c, 0, cols - 1))];
      };
      // A closed surface meets itself where its last column lies on its first.
      const bool closed = cv::norm(point(row, 0) - point(row, cols - 1)) < 1e-3;
      const int before = closed && col == 0 ? cols - 2 : col - 1;
      const int after = closed && col == cols - 1 ? 1 : col + 1;
      const cv::Vec3f across = point(row, after) - point(row, before);
      const cv::Vec3f along = point(row + 1, col) - point(row - 1, col);
      const cv::Vec3f direction = across.cross(along);
      const float length = std::sqrt(direction.dot(direction));
      cv::Vec3f& out = normal[at(row, col)];
      out = length > 1e-9F ? direction * (1 / length) : cv::Vec3f(0, 0, 0);
      outwards += out.dot(point(row, col) - inside);
    }
  }
  if (outwards < 0) {
    for (cv::Vec3f& direction : normal) direction = -direction;
  }
}

cv::Vec3b to_pixel(const cv::Vec3f& colour) {
  cv::Vec3b pixel;
  for (int c = 0; c < 3; ++c) pixel[c] = cv::saturate_cast<std::uint8_t>(colour[c]);
  return pixel;
}

}  // namespace fer::synthetic
