#include "fer/model/device.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/cuda.h>
#include <torch/version.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/model/tensor_memory.hpp"

namespace fer {
namespace {

c10::Device find_device(const std::string& name) {
  const bool has_cuda = at::globalContext().hasCUDA();
  if (name == "auto") return has_cuda ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  if (name == "cpu") return {c10::kCPU};
  const auto number = name == "cuda"              ? 0
                      : name.starts_with("cuda:") ? parse_integer(name.substr(5)).value_or(-1)
                                                  : -1;
  if (number < 0 || number > std::numeric_limits<c10::DeviceIndex>::max()) {
    throw usage_error("device '{}': expected auto, cpu, cuda or cuda:N", name);
  }
  if (!has_cuda)
    throw usage_error("device '{}': this LibTorch or this machine has no CUDA; use auto or cpu", name);
  if (const auto count = torch::cuda::device_count(); number >= count) {
    throw usage_error("device '{}': this machine has {} CUDA device{}, numbered from 0", name, count,
                      count == 1 ? "" : "s");
  }
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(number)};
}

}  // namespace

c10::Device select_device(const std::string& name) {
  const c10::Device device = find_device(name);
  if (device.is_cuda()) at::globalContext().setAllowTF32CuDNN(false);
  return device;
}

std::string device_text(c10::Device device) {
  return device.is_cpu() ? fmt::format("cpu, {} threads", at::get_num_threads()) : device.str();
}

void use_threads(int threads) { at::set_num_threads(threads); }

std::string libtorch_version() { return TORCH_VERSION; }

void prepare_process(char** argv) {
  constexpr std::array<std::pair<const char*, const char*>, 3> kSettings = {
      {{"OMP_WAIT_POLICY", "PASSIVE"},
       {"GOMP_SPINCOUNT", "2000"},  // some microseconds: the length of the gaps between two layers
       {"TORCH_CPP_LOG_LEVEL", "FATAL"}}};
  bool changed = false;
  for (const auto& [name, value] : kSettings) {
    if (std::getenv(name) != nullptr) continue;
    ::setenv(name, value, 1);
    changed = true;
  }
  if (changed) ::execv("/proc/self/exe", argv);  // if that fails the program merely runs slower
  keep_tensor_memory();
}

}  // namespace fer
