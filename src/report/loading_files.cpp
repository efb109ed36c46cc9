#include "fer/report/loading_files.hpp"

#include <fmt/format.h>

#include <vector>

#include "text_table.hpp"

namespace fer {

std::string loading_table(std::span<const LoadingRate> rates) {
  std::vector<std::vector<std::string>> rows = {{"order", "fetched ahead", "first batch (s)", "images/s",
                                                 "MB/s used", "MB/s from disk", "unevenness of classes"}};
  for (const LoadingRate& rate : rates) {
    rows.push_back({rate.order, rate.fetch_ahead ? "yes" : "no", fmt::format("{:.2f}", rate.first_batch),
                    fmt::format("{:.0f}", rate.images), fmt::format("{:.0f}", rate.used_mb),
                    fmt::format("{:.0f}", rate.disk_mb), fmt::format("{:.2f}", rate.unevenness)});
  }
  return text_table(rows);
}

}  // namespace fer
