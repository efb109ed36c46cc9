#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "byte_kernels.hpp"
#include "fer/model/layer_list.hpp"
#include "fer/model/quantise.hpp"
#include "tile_kernels.hpp"

namespace fer {

/// [height][width][channels]; of a vector [1][1][channels].
struct MapShape {
  int height = 1;
  int width = 1;
  int channels = 0;  ///< as stored: but for images with some that mean nothing at the end

  std::size_t numbers() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
  }
};

/// What a layer gives, or the images. Vectors are floats, maps T: float, Bf16 or Byte.
struct MapValue {
  MapShape shape;
  bool floats = false;
  ByteScale scale = {};    ///< of bytes
  std::size_t offset = 0;  ///< bytes from the beginning of the workspace
};

enum class StepKind { frame, convolve, filter, strips, pool, mean, multiply, add };

/// What one call of a kernel, or one for each thread, does.
struct MapStep {
  StepKind kind;
  std::size_t in = 0;  ///< values
  std::size_t out = 0;
  std::optional<std::size_t> other = {};  ///< what is added or multiplied with
  Activation activation = Activation::none;
  int kernel = 1;
  int stride = 1;
  int padding = 0;
  at::Tensor weight = {};  ///< as the kernel has it
  at::Tensor factors = {};
  at::Tensor bias = {};
  bool large = false;  ///< worth sharing out

  /// Of strips: a filter, perhaps a convolution that feeds it, perhaps one by the pixel that it feeds. A few
  /// rows at a time go through all of them and so stay in a cache.
  std::vector<MapStep> inner = {};
  std::size_t scratch = 0;  ///< the value that holds those rows, [shares][1][values of one]
  int strip = 0;            ///< rows of the filter's result at a time
};

template <class T>
struct MapProgram {
  std::vector<MapValue> values;
  std::vector<MapStep> steps;
  std::size_t result = 0;  ///< the value that holds the logits
  int classes = 0;
  int shares = 1;  ///< that a step may be cut into
  std::size_t joint =
      0;  ///< from this step on maps are small: several images' fit into a cache beside weights
  std::size_t bytes = 0;  ///< of a workspace
};

/// One of some equal shares of a step.
struct Share {
  int part;
  int parts;
};

struct Range {
  int first;
  int last;
};

/// A share of 0..count-1 in pieces of `grain`.
Range range_of(int count, int grain, Share share);

/// Nothing where the list holds a layer that no kernel does. T is float or Bf16.
template <class T>
std::optional<MapProgram<T>> make_program(const LayerList& layers, int size);

std::optional<MapProgram<Byte>> make_program(const QuantisedLayers& layers, int size);

template <class T>
void run_step(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share);

}  // namespace fer
