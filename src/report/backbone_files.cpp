#include "fer/report/backbone_files.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "text_table.hpp"

namespace fer {

using Json = nlohmann::ordered_json;

std::string backbone_table(std::span<const BackboneFigures> backbones, const BackboneSetting& setting) {
  std::vector<std::vector<std::string>> rows = {
      {"Backbone", "Input", "Parameters (M)", "Multiply-adds (G)", "ms/image",
       fmt::format("images/s (batches of {})", setting.batch), "Memory (MB)"}};
  for (const BackboneFigures& figures : backbones) {
    rows.push_back({figures.name, std::to_string(figures.input_size),
                    fmt::format("{:.2f}", static_cast<double>(figures.parameters) / 1e6),
                    fmt::format("{:.2f}", static_cast<double>(figures.macs) / 1e9),
                    fmt::format("{:.1f}", figures.ms_per_image),
                    fmt::format("{:.1f}", figures.images_per_second),
                    fmt::format("{:.0f}", static_cast<double>(figures.memory) / 1e6)});
  }
  return fmt::format("{} classes, {}, LibTorch {}\n\n", setting.classes, setting.device, setting.libtorch) +
         text_table(rows);
}

std::string backbone_json(std::span<const BackboneFigures> backbones, const BackboneSetting& setting) {
  Json rows = Json::array();
  for (const BackboneFigures& figures : backbones) {
    rows.push_back({{"name", figures.name},
                    {"input_size", figures.input_size},
                    {"parameters", figures.parameters},
                    {"macs", figures.macs},
                    {"ms_per_image", figures.ms_per_image},
                    {"images_per_second", figures.images_per_second},
                    {"memory_bytes", figures.memory}});
  }
  const Json document = {{"setting",
                          {{"device", setting.device},
                           {"batch", setting.batch},
                           {"classes", setting.classes},
                           {"libtorch", setting.libtorch}}},
                         {"backbones", std::move(rows)}};
  return document.dump(2) + "\n";
}

}  // namespace fer
