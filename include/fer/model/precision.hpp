#pragma once

#include <c10/core/Device.h>

#include "fer/core/progress.hpp"
#include "fer/model/backbones.hpp"

namespace fer {

/// Mixed precision for a scope: convolutions and matrix products in bfloat16, what needs the range in float
/// (LibTorch's autocast). `enabled` false: nothing changes.
class AutocastScope {
 public:
  AutocastScope(c10::Device device, bool enabled);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  c10::DeviceType device_;
  bool enabled_;
};

/// Whether training steps in bfloat16 take less time here, measured with a network of these options on
/// `batch` noise images of `size` pixels (some seconds); it must gain a tenth to count. `progress` counts
/// steps.
bool bf16_trains_faster(const ClassifierOptions& options, c10::Device device, int batch, int size,
                        const ProgressFn& progress);

}  // namespace fer
