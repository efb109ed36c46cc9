#include "fer/video/markers.hpp"

#include <cmath>

#include "target.hpp"

void fer::fuzz(std::string_view bytes) {
  for (const Marker& marker : read_markers(as_file(bytes, "markers.csv"))) {
    require(marker.start >= 0 && marker.end > marker.start && std::isfinite(marker.end),
            "an impossible time");
    is_about(marker, "talk.mp4");
  }
}
