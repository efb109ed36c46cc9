#include "inverted_net.hpp"

#include <algorithm>

#include "fer/core/error.hpp"

namespace fer {
namespace {

namespace nn = torch::nn;

/// The layer between the means and the head.
class HiddenBlock final : public Block {
 public:
  HiddenBlock(int in, int out, Activation activation, std::string name)
      : linear_(in, out), activation_(activation), name_(std::move(name)) {}

  at::Tensor forward(const at::Tensor& x) override { return activated(activation_, linear_->forward(x)); }
  int append_to(LayerList& layers, int x) const override {
    return append_linear(layers, x, name_, *linear_, activation_);
  }
  NamedModules modules() const override { return {{name_, linear_.ptr()}}; }

 private:
  nn::Linear linear_;
  Activation activation_;
  std::string name_;
};

InvertedResidualNames torchvision_block(const std::string& prefix, const InvertedResidualSpec& spec,
                                        bool bare_projection) {
  int count = 0;
  const auto next = [&] { return fmt::format("{}.{}", prefix, count++); };
  const auto layer = [&] {
    const std::string name = next();
    return ConvNormNames{.conv = name + ".0", .norm = name + ".1"};
  };
  InvertedResidualNames names;
  if (spec.expands()) names.expand = layer();
  names.filter = layer();
  if (spec.squeezes()) {
    const std::string name = next();
    names.reduce = name + ".fc1";
    names.widen = name + ".fc2";
  }
  if (bare_projection) {
    names.project.conv = next();
    names.project.norm = next();
  } else {
    names.project = layer();
  }
  return names;
}

InvertedResidualNames timm_block(const std::string& prefix, const InvertedResidualSpec& spec) {
  const auto layer = [&](const char* conv, const char* norm) {
    return ConvNormNames{.conv = prefix + conv, .norm = prefix + norm};
  };
  InvertedResidualNames names;
  if (spec.expands()) names.expand = layer(".conv_pw", ".bn1");
  names.filter = layer(".conv_dw", spec.expands() ? ".bn2" : ".bn1");
  if (spec.squeezes()) {
    names.reduce = prefix + ".se.conv_reduce";
    names.widen = prefix + ".se.conv_expand";
  }
  names.project = spec.expands() ? layer(".conv_pwl", ".bn3") : layer(".conv_pw", ".bn2");
  return names;
}

/// All names in one order, empty ones for what is not there.
std::vector<std::string> list_of(const InvertedNetNames& names) {
  std::vector<std::string> list = {names.stem.conv, names.stem.norm, names.last.conv,
                                   names.last.norm, names.hidden,    names.head};
  for (const InvertedResidualNames& block : names.blocks) {
    for (const ConvNormNames* layer : {&block.expand, &block.filter, &block.project}) {
      list.push_back(layer->conv);
      list.push_back(layer->norm);
    }
    list.push_back(block.reduce);
    list.push_back(block.widen);
  }
  return list;
}

}  // namespace

InvertedNetNames torchvision_names(const InvertedNetSpec& spec, const TorchvisionStyle& style) {
  InvertedNetNames names;
  int count = 1;  // of what lies in "features"
  for (const auto& stage : spec.stages) {
    int within = 0;
    for (const InvertedResidualSpec& block : stage) {
      const std::string place =
          style.staged ? fmt::format("features.{}.{}", count, within++) : fmt::format("features.{}", count++);
      names.blocks.push_back(torchvision_block(place + "." + style.block, block, style.bare_projection));
    }
    if (style.staged) ++count;
  }
  names.stem = {.conv = "features.0.0", .norm = "features.0.1"};
  names.last = {.conv = fmt::format("features.{}.0", count), .norm = fmt::format("features.{}.1", count)};
  if (spec.hidden > 0) names.hidden = "classifier.0";
  names.head = spec.hidden > 0 ? "classifier.3" : "classifier.1";
  return names;
}

InvertedNetNames timm_names(const InvertedNetSpec& spec) {
  InvertedNetNames names;
  for (std::size_t stage = 0; stage < spec.stages.size(); ++stage) {
    for (std::size_t i = 0; i < spec.stages[stage].size(); ++i)
      names.blocks.push_back(timm_block(fmt::format("blocks.{}.{}", stage, i), spec.stages[stage][i]));
  }
  names.stem = {.conv = "conv_stem", .norm = "bn1"};
  names.last = {.conv = "conv_head", .norm = "bn2"};
  if (spec.hidden > 0) {
    const std::string place = fmt::format("blocks.{}.0", spec.stages.size());
    names.last = {.conv = place + ".conv", .norm = place + ".bn1"};
    names.hidden = "conv_head";
  }
  names.head = "classifier";
  return names;
}

OtherSpelling timm_spelling(const InvertedNetSpec& spec, const InvertedNetNames& own, double eps) {
  OtherSpelling spelling{.modules = {}, .eps = eps};
  const std::vector<std::string> theirs = list_of(timm_names(spec));
  const std::vector<std::string> ours = list_of(own);
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    if (!theirs[i].empty()) spelling.modules.emplace(theirs[i], ours[i]);
  }
  return spelling;
}

std::shared_ptr<Classifier> make_inverted_net(const InvertedNetSpec& spec, const InvertedNetNames& names,
                                              OtherSpelling other, const ClassifierOptions& options) {
  ChainParts parts{.blocks = {},
                   .features = spec.hidden > 0 ? spec.hidden : spec.last,
                   .head = names.head,
                   .other = std::move(other)};
  parts.blocks.push_back(std::make_unique<ConvNormBlock>(ConvNormSpec{.in = 3,
                                                                      .out = spec.stem,
                                                                      .kernel = 3,
                                                                      .stride = 2,
                                                                      .activation = spec.activation,
                                                                      .norm = spec.norm},
                                                         names.stem));
  for (const auto& stage : spec.stages) {
    for (const InvertedResidualSpec& block : stage) {
      parts.blocks.push_back(
          std::make_unique<InvertedResidual>(block, names.blocks[parts.blocks.size() - 1]));
    }
  }
  const ConvNormSpec last{.in = spec.stages.back().back().out,
                          .out = spec.last,
                          .activation = spec.activation,
                          .norm = spec.norm};
  parts.blocks.push_back(std::make_unique<ConvNormBlock>(last, names.last));
  if (spec.hidden > 0) {
    parts.hidden = std::make_unique<HiddenBlock>(spec.last, spec.hidden, spec.activation, names.hidden);
  }
  return std::make_shared<BlockChain>(std::move(parts), options);
}

int round_channels(double channels) {
  constexpr int kMultiple = 8;
  const int rounded =
      std::max(kMultiple, static_cast<int>(channels + kMultiple / 2.0) / kMultiple * kMultiple);
  return rounded < 0.9 * channels ? rounded + kMultiple : rounded;
}

}  // namespace fer
