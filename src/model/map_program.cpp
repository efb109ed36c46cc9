#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <thread>
#include <type_traits>

#include "map_strips.hpp"

namespace fer {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::int64_t rounded_up(std::int64_t count, std::int64_t step) { return (count + step - 1) / step * step; }

/// `dim` filled up with 0 to `size`.
at::Tensor padded(const at::Tensor& x, std::int64_t dim, std::int64_t size) {
  std::vector<std::int64_t> pad(static_cast<std::size_t>(2 * (x.dim() - dim)), 0);
  pad.back() = size - x.size(dim);
  return at::constant_pad_nd(x, pad, 0);
}

/// Puts the steps together, one layer after the other.
template <class T>
class ProgramMaker {
 public:
  /// `bytes`, where T is Byte, is what `layers` are of.
  ProgramMaker(const LayerList& layers, int size, const QuantisedLayers* bytes = nullptr)
      : layers_(layers), size_(size), bytes_(bytes) {}

  std::optional<MapProgram<T>> make() {
    program_.values.resize(layers_.size() + 1);
    program_.shares = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMostShares);
    count_uses();
    if (!place_images()) return std::nullopt;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const bool merged = std::ranges::find(merged_into_, i) != merged_into_.end();
      if (!merged && !add_layer(i)) return std::nullopt;
    }
    if (layers_.back().kind != LayerKind::linear) return std::nullopt;
    program_.result = layers_.size();
    program_.classes = static_cast<int>(layers_.back().bias.size(0));
    join_strips();
    place_values();
    while (program_.joint < program_.steps.size() && !small_from(program_.joint)) ++program_.joint;
    return std::move(program_);
  }

 private:
  static constexpr bool kBytes = std::is_same_v<T, Byte>;
  static constexpr int kStored = std::is_same_v<T, float> ? kGroup : kTileChannels;
  static constexpr double kLarge = 2e4;  // multiply-adds that are worth a second thread

  static constexpr int kImageChannels = 3;
  static constexpr int kMostShares = 64;
  static constexpr std::size_t kBeyond = 32;  // pixels that a kernel may read behind a map
  static constexpr std::size_t kStripped = std::size_t{512} << 10;  // bytes of a map that is cut into strips
  static constexpr std::size_t kSmall = std::size_t{256} << 10;     // bytes of a map
  static constexpr std::size_t kScratch = std::size_t{256} << 10;   // bytes of a strip, about

  MapValue& value(std::size_t i) { return program_.values[i]; }

  /// An addition is left to the convolution that makes its later operand, where nobody else looks at that.
  void count_uses() {
    uses_.assign(layers_.size() + 1, 0);
    merged_into_.assign(layers_.size(), kNone);
    for (const Layer& layer : layers_) {
      for (const int input : layer.inputs) ++uses_[static_cast<std::size_t>(input)];
    }
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (layers_[i].kind != LayerKind::add) continue;
      const auto later = static_cast<std::size_t>(std::ranges::max(layers_[i].inputs));
      if (later == 0) continue;
      const Layer& maker = layers_[later - 1];
      if (uses_[later] == 1 && maker.kind == LayerKind::conv && maker.groups == 1 &&
          maker.activation == Activation::none && (!kBytes || !bytes_->values[later]))
        merged_into_[later - 1] = i;
    }
  }

  /// With the edges that the first convolution wants, and on the right what tiles read beyond a row of its
  /// kernel and multiply with 0: it must be numbers.
  bool place_images() {
    const auto first = std::ranges::find_if(layers_, [](const Layer& l) { return l.inputs.front() == 0; });
    if (uses_[0] != 1 || first->kind != LayerKind::conv || first->groups != 1) return false;
    const int side = size_ + 2 * first->padding;
    const int run = static_cast<int>(first->weight.size(3)) * kImageChannels;
    const int more = (packed_run<T>(run) - run + kImageChannels - 1) / kImageChannels;
    value(0) = {.shape = {.height = side, .width = side + more, .channels = kImageChannels}};
    if (!kBytes) return true;
    if (!bytes_->values[0]) return false;
    value(0).scale = *bytes_->values[0];
    return true;
  }

  /// False for what no kernel does.
  bool add_layer(std::size_t i) {
    const Layer& layer = layers_[i];
    const auto in = static_cast<std::size_t>(layer.inputs.front());
    const bool vector = value(in).floats;
    MapStep step{.kind = StepKind::add, .in = in, .out = i + 1, .activation = layer.activation};
    switch (layer.kind) {
      case LayerKind::conv:
        return !vector && (layer.groups == 1 ? add_conv(layer, i, step) : add_filter(layer, step));
      case LayerKind::linear:
        return vector && add_linear(step);
      case LayerKind::mean:
        step.kind = StepKind::mean;
        return !vector && layer.activation == Activation::none &&
               add(step, {.channels = value(in).shape.channels}, true);
      case LayerKind::multiply:
        step.kind = StepKind::multiply;
        step.other = static_cast<std::size_t>(layer.inputs[1]);
        return !vector && value(*step.other).floats && layer.activation == Activation::none &&
               add(step, value(in).shape, false);
      case LayerKind::add:
        step.other = static_cast<std::size_t>(layer.inputs[1]);
        return vector == value(*step.other).floats && add(step, value(in).shape, vector);
      case LayerKind::max_pool:
        return !vector && add_pool(layer, step);
      case LayerKind::activate:
        return add(step, value(in).shape, vector);
      default:
        return false;
    }
  }

  bool add(MapStep step, MapShape out, bool floats) {
    if (step.activation == Activation::gelu) return false;
    const double each = step.weight.defined() ? static_cast<double>(step.weight.numel()) / kGroup : kGroup;
    step.large = static_cast<double>(value(step.in).shape.numbers()) * kGroup > kLarge || each > kLarge;
    widest_ = std::max(widest_, static_cast<std::size_t>(step.stride * value(step.in).shape.channels));
    value(step.out) = {.shape = out, .floats = floats};
    if (kBytes && !floats) {
      const bool added = step.out > layers_.size();  // a frame
      if (!added && !bytes_->values[step.out]) return false;
      value(step.out).scale = added ? value(step.in).scale : *bytes_->values[step.out];
    }
    program_.steps.push_back(std::move(step));
    return true;
  }

  /// With the addition that is left to it.
  bool add_conv(const Layer& layer, std::size_t i, MapStep step) {
    if (step.in != 0 && layer.padding > 0) step.in = add_frame(step.in, layer.padding);
    const MapShape& in = value(step.in).shape;
    step.kind = StepKind::convolve;
    step.kernel = static_cast<int>(layer.weight.size(2));
    step.stride = layer.stride;
    kBytes ? pack_bytes(step, i) : pack_floats(step, i, packed_run<T>(step.kernel * in.channels));
    if (std::is_same_v<T, Bf16>) pack_in_pairs(step);
    if (const std::size_t sum = merged_into_[i]; sum != kNone) {
      const auto& inputs = layers_[sum].inputs;
      step.other = static_cast<std::size_t>(std::ranges::min(inputs));
      step.activation = layers_[sum].activation;
      step.out = sum + 1;
    }
    const int width = step.in == 0 ? in.height : in.width;  // images are square
    return add(step,
               {.height = (in.height - step.kernel) / step.stride + 1,
                .width = (width - step.kernel) / step.stride + 1,
                .channels = static_cast<int>(step.bias.numel())},
               false);
  }

  std::size_t add_frame(std::size_t in, int padding) {
    MapShape shape = value(in).shape;
    shape.height += 2 * padding;
    shape.width += 2 * padding;
    program_.values.emplace_back();
    const std::size_t out = program_.values.size() - 1;
    add({.kind = StepKind::frame, .in = in, .out = out, .padding = padding}, shape, false);
    return out;
  }

  /// A linear layer is a convolution of a map of one pixel.
  bool add_linear(MapStep step) {
    step.kind = StepKind::convolve;
    pack_floats(step, step.out - 1, value(step.in).shape.channels);
    return add(step, {.channels = static_cast<int>(step.bias.numel())}, true);
  }

  /// What is left of a map.
  static MapShape shrunk(const MapShape& in, const MapStep& step) {
    const auto length = [&](int whole) { return (whole + 2 * step.padding - step.kernel) / step.stride + 1; };
    return {.height = length(in.height), .width = length(in.width), .channels = in.channels};
  }

  bool add_pool(const Layer& layer, MapStep step) {
    const MapShape in = value(step.in).shape;
    step.kind = StepKind::pool;
    step.kernel = layer.kernel;
    step.stride = layer.stride;
    step.padding = layer.padding;
    return layer.activation == Activation::none && add(step, shrunk(in, step), false);
  }

  bool add_filter(const Layer& layer, MapStep step) {
    const MapShape in = value(step.in).shape;
    const std::int64_t channels = layer.weight.size(0);
    const std::int64_t kernel = layer.weight.size(2);
    if (value(step.in).floats || layer.groups != channels || layer.weight.size(1) != 1 ||
        (kernel != 3 && kernel != 5) || layer.stride > 2)
      return false;
    step.kind = StepKind::filter;
    step.kernel = static_cast<int>(kernel);
    step.stride = layer.stride;
    step.padding = layer.padding;
    if (kBytes && kernel == 3) {
      pack_filter_bytes(step, step.out - 1);
    } else {
      const at::Tensor weight = weight_of(step.out - 1) * value(step.in).scale.step;
      step.weight = padded(weight.reshape({channels, kernel * kernel}).t(), 1, in.channels).contiguous();
      step.bias = padded(layer.bias, 0, in.channels).contiguous();
    }
    return add(step, shrunk(in, step), false);
  }

  at::Tensor weight_of(std::size_t layer) const {
    return kBytes ? float_weight(layers_[layer], bytes_->weight_steps[layer]) : layers_[layer].weight;
  }

  /// Weight [O,I,k,k] or [O,I] as [groups][kGroup][rows][run], `in` channels being stored.
  static at::Tensor grouped(const at::Tensor& weight, std::int64_t in) {
    const std::int64_t out = rounded_up(weight.size(0), kStored);
    const std::int64_t rows = weight.dim() == 4 ? weight.size(2) : 1;
    const at::Tensor last = weight.dim() == 4 ? weight.permute({0, 2, 3, 1}) : weight;
    return padded(padded(last, last.dim() - 1, in), 0, out).reshape({out / kGroup, kGroup, rows, -1});
  }

  /// Weight and bias of a layer the way ConvRow has them, each row of the kernel filled up to `run`.
  void pack_floats(MapStep& step, std::size_t layer, int run) {
    const at::Tensor weight = padded(grouped(weight_of(layer), value(step.in).shape.channels), 3, run);
    step.weight = weight.flatten(2).permute({0, 2, 1}).contiguous();
    step.bias = padded(layers_[layer].bias, 0, weight.size(0) * kGroup).contiguous();
  }

  static void pack_in_pairs(MapStep& step) {
    const at::Tensor packed = at::empty(step.weight.sizes(), at::kBFloat16);
    pack_pairs(step.weight.template const_data_ptr<float>(), static_cast<int>(packed.size(0)),
               static_cast<int>(packed.size(1)), static_cast<Bf16*>(packed.mutable_data_ptr()));
    step.weight = packed;
  }

  void pack_bytes(MapStep& step, std::size_t layer) {
    const MapValue& in = value(step.in);
    const at::Tensor weight = grouped(layers_[layer].weight, in.shape.channels);
    const int run = packed_run<Byte>(static_cast<int>(weight.size(3)));
    step.weight = padded(weight, 3, run)
                      .reshape({weight.size(0), kGroup, weight.size(2), run / 4, 4})
                      .permute({0, 2, 3, 1, 4})
                      .contiguous();
    set_factors(step, layer, weight.size(0) * kGroup);
  }

  /// As filter_by_dots() has them.
  void pack_filter_bytes(MapStep& step, std::size_t layer) {
    const std::int64_t blocks = rounded_up(value(step.in).shape.channels, kFilterChannels) / kFilterChannels;
    const at::Tensor rows = padded(layers_[layer].weight.squeeze(1), 0, blocks * kFilterChannels);
    const at::Tensor both =
        at::stack({at::constant_pad_nd(rows, {0, 1}, 0), at::constant_pad_nd(rows, {1, 0}, 0)}, 2);
    step.weight = both.reshape({blocks, 4, 4, 4, 3, 2, 4}).permute({0, 4, 5, 2, 1, 3, 6}).contiguous();
    set_factors(step, layer, blocks * kFilterChannels);
    for (at::Tensor* channels : {&step.factors, &step.bias})
      *channels = channels->reshape({blocks, 4, 4, 4}).transpose(1, 2).contiguous();
  }

  /// And biases, for sums of products of bytes, which have the zero of the input in them.
  void set_factors(MapStep& step, std::size_t layer, std::int64_t channels) {
    const ByteScale in = value(step.in).scale;
    const at::Tensor factors = bytes_->weight_steps[layer] * in.step;
    const at::Tensor zeros = layers_[layer].weight.to(at::kFloat).flatten(1).sum(1) * factors * in.zero;
    step.factors = padded(factors, 0, channels).contiguous();
    step.bias = padded(layers_[layer].bias - zeros, 0, channels).contiguous();
  }

  /// Filters of large maps become strips, with the convolutions around them.
  void join_strips() {
    std::vector<MapStep> joined;
    for (std::size_t i = 0; i < program_.steps.size(); ++i) {
      MapStep& step = program_.steps[i];
      const bool large = step.kind == StepKind::filter && bytes_of(value(step.in)) >= kStripped;
      if (!large) {
        joined.push_back(std::move(step));
        continue;
      }
      MapStep strips = step;
      strips.kind = StepKind::strips;
      if (!joined.empty() && feeds(joined.back(), step)) {
        strips.in = joined.back().in;
        strips.inner.push_back(std::move(joined.back()));
        joined.pop_back();
      }
      strips.inner.push_back(std::move(step));
      MapStep* const next = i + 1 < program_.steps.size() ? &program_.steps[i + 1] : nullptr;
      if (next != nullptr && next->kernel == 1 && next->stride == 1 && feeds(strips.inner.back(), *next)) {
        strips.out = next->out;
        strips.other = next->other;
        strips.inner.push_back(std::move(*next));
        ++i;
      }
      add_scratch(strips);
      joined.push_back(std::move(strips));
    }
    program_.steps = std::move(joined);
  }

  /// Whether nobody but `next` looks at what `step` gives; one of them is a filter, the other a convolution.
  bool feeds(const MapStep& step, const MapStep& next) const {
    const bool kinds = (step.kind == StepKind::filter) != (next.kind == StepKind::filter) &&
                       (step.kind == StepKind::convolve) != (next.kind == StepKind::convolve);
    return kinds && next.in == step.out && step.out <= layers_.size() && uses_[step.out] == 1;
  }

  void add_scratch(MapStep& strips) {
    const MapStep& filter = *std::ranges::find(strips.inner, StepKind::filter, &MapStep::kind);
    const auto line = [&](std::size_t i) { return value(i).shape.width * value(i).shape.channels; };
    const int each = line(filter.in) * filter.stride + line(filter.out);
    strips.strip = std::max(2, static_cast<int>(kScratch / sizeof(T)) / each);
    const int numbers =
        StripRun<T>::rows_below(strips, program_.values) * line(filter.in) + strips.strip * line(filter.out);
    strips.scratch = program_.values.size();
    program_.values.push_back(
        {.shape = {.height = program_.shares, .channels = static_cast<int>(rounded_up(numbers, 64))}});
  }

  bool small_from(std::size_t step) {
    return std::ranges::all_of(program_.steps.begin() + static_cast<std::ptrdiff_t>(step),
                               program_.steps.end(),
                               [&](const MapStep& s) { return bytes_of(value(s.in)) <= kSmall; });
  }

  /// A value's memory is another's once the last step that reads it is done.
  void place_values() {
    struct Block {
      std::size_t begin;
      std::size_t end;
      std::size_t last;  // step that reads it
    };
    std::vector<std::size_t> last_read(program_.values.size(), 0);
    for (std::size_t s = 0; s < program_.steps.size(); ++s) {
      last_read[program_.steps[s].in] = s;
      if (program_.steps[s].kind == StepKind::strips) last_read[program_.steps[s].scratch] = s;
      if (program_.steps[s].other) last_read[*program_.steps[s].other] = s;
    }
    last_read[program_.result] = program_.steps.size();
    std::vector<Block> taken;  // in order
    const auto place = [&](std::size_t i, std::size_t now) {
      std::erase_if(taken, [&](const Block& block) { return block.last < now; });
      const std::size_t bytes = bytes_of(value(i));
      std::size_t begin = 0;
      auto next = taken.begin();
      for (; next != taken.end() && next->begin < begin + bytes; ++next) begin = next->end;
      taken.insert(next, {.begin = begin, .end = begin + bytes, .last = last_read[i]});
      value(i).offset = begin;
      program_.bytes = std::max(program_.bytes, begin + bytes);
    };
    place(0, 0);
    for (std::size_t s = 0; s < program_.steps.size(); ++s) {
      place(program_.steps[s].out, s);
      if (program_.steps[s].kind == StepKind::strips) place(program_.steps[s].scratch, s);
    }
    program_.bytes += kBeyond * widest_ * sizeof(float);
  }

  static std::size_t bytes_of(const MapValue& value) {
    const std::size_t bytes = value.shape.numbers() * (value.floats ? sizeof(float) : sizeof(T));
    return static_cast<std::size_t>(rounded_up(static_cast<std::int64_t>(bytes), 256));
  }

  const LayerList& layers_;
  int size_;
  const QuantisedLayers* bytes_;
  MapProgram<T> program_;
  std::size_t widest_ = 0;                // numbers from one pixel below a kernel to the next
  std::vector<int> uses_;                 // of each value
  std::vector<std::size_t> merged_into_;  // the addition a layer does as well; kNone: none
};

}  // namespace

template <class T>
std::optional<MapProgram<T>> make_program(const LayerList& layers, int size) {
  return ProgramMaker<T>(layers, size).make();
}

std::optional<MapProgram<Byte>> make_program(const QuantisedLayers& layers, int size) {
  return ProgramMaker<Byte>(layers.layers, size, &layers).make();
}

template std::optional<MapProgram<float>> make_program(const LayerList&, int);
template std::optional<MapProgram<Bf16>> make_program(const LayerList&, int);

}  // namespace fer
