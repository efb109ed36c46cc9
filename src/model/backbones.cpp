#include "fer/model/backbones.hpp"

#include <utility>
#include <vector>

#include "efficientnet.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/model/classifier.hpp"
#include "mobilenet_v2.hpp"
#include "mobilenet_v3.hpp"
#include "resnet.hpp"
#include "vit.hpp"

namespace fer {
namespace {

BackboneKind efficientnet_row(std::string name, std::string summary, EfficientNetScale scale,
                              int input_size) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .head = "classifier.",
          .make = [scale](const ClassifierOptions& options) { return make_efficientnet(scale, options); },
          .input_size = input_size};
}

/// A row of a Vision Transformer.
BackboneKind vit_row(const VitSpec& spec, std::string summary) {
  return {.name = spec.name,
          .summary = std::move(summary),
          .head = "head.",
          .make = [spec](const ClassifierOptions& options) { return make_vit(spec, options); },
          .size_step = kVitPatch};
}

}  // namespace

std::span<const BackboneKind> backbones() {
  static const std::vector<BackboneKind> table = {
      {.name = "mobilenet_v2",
       .summary = "MobileNetV2 of any width: 2.2 M parameters, 0.30 G multiply-adds at 224 pixels",
       .head = "classifier.",
       .make = make_mobilenet_v2,
       .any_width = true},
      {.name = "mobilenet_v3_small",
       .summary = "MobileNetV3 small: 1.5 M parameters, 0.06 G multiply-adds at 224 pixels",
       .head = "classifier.3.",
       .make = make_mobilenet_v3_small},
      {.name = "mobilenet_v3_large",
       .summary = "MobileNetV3 large: 4.2 M parameters, 0.22 G multiply-adds at 224 pixels",
       .head = "classifier.3.",
       .make = make_mobilenet_v3_large},
      efficientnet_row("efficientnet_b0",
                       "EfficientNet-B0: 4.0 M parameters, 0.39 G multiply-adds at 224 pixels", {}, 224),
      efficientnet_row("efficientnet_b1",
                       "EfficientNet-B1: 6.5 M parameters, 0.69 G multiply-adds at 240 pixels",
                       {.width = 1, .depth = 1.1}, 240),
      efficientnet_row("efficientnet_b2",
                       "EfficientNet-B2: 7.7 M parameters, 1.09 G multiply-adds at 288 pixels",
                       {.width = 1.1, .depth = 1.2}, 288),
      efficientnet_row("efficientnet_b3",
                       "EfficientNet-B3: 10.7 M parameters, 1.83 G multiply-adds at 300 pixels",
                       {.width = 1.2, .depth = 1.4}, 300),
      efficientnet_row("efficientnet_b4",
                       "EfficientNet-B4: 17.6 M parameters, 4.39 G multiply-adds at 380 pixels",
                       {.width = 1.4, .depth = 1.8}, 380),
      {.name = "efficientnet_lite0",
       .summary = "EfficientNet-Lite0: 3.4 M parameters, 0.39 G multiply-adds at 224 pixels",
       .head = "classifier.",
       .make = make_efficientnet_lite0},
      {.name = "resnet18",
       .summary = "ResNet-18: 11.2 M parameters, 1.81 G multiply-adds at 224 pixels",
       .head = "fc.",
       .make = make_resnet18},
      {.name = "resnet50",
       .summary = "ResNet-50: 23.5 M parameters, 4.09 G multiply-adds at 224 pixels",
       .head = "fc.",
       .make = make_resnet50},
      vit_row({.name = "vit_tiny_patch16", .width = 192, .heads = 3},
              "ViT-Ti/16: 5.5 M parameters, 1.3 G multiply-adds at 224 pixels"),
      vit_row({.name = "vit_small_patch16", .width = 384, .heads = 6},
              "ViT-S/16: 21.7 M parameters, 4.6 G multiply-adds at 224 pixels"),
      vit_row({.name = "vit_base_patch16", .width = 768, .heads = 12},
              "ViT-B/16: 85.8 M parameters, 17.6 G multiply-adds at 224 pixels"),
  };
  return table;
}

const BackboneKind& backbone(std::string_view name) {
  std::vector<std::string> names;
  for (const BackboneKind& kind : backbones()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw usage_error("no backbone is called '{}'{} (known: {})", name, did_you_mean(name, names),
                    join(names, ", "));
}

void check_options(const ClassifierOptions& options) {
  const BackboneKind& kind = backbone(options.backbone);
  if (options.width != 1 && !kind.any_width)
    throw usage_error("width {}: {} comes in one width, 1", options.width, kind.name);
  if (options.input_size < kind.size_step || options.input_size % kind.size_step != 0)
    throw usage_error("input size: {} takes multiples of {} pixels, not {}", kind.name, kind.size_step,
                      options.input_size);
}

std::shared_ptr<Classifier> make_classifier(const ClassifierOptions& options) {
  check_options(options);
  auto classifier = backbone(options.backbone).make(options);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : classifier->parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
  }
  return classifier;
}

}  // namespace fer
