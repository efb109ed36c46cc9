#pragma once

#include <c10/core/Device.h>

#include <string>

namespace fer {

/// "auto" (CUDA where there is one), "cpu", "cuda" or "cuda:N". Throws a usage error for anything else and
/// for a CUDA device that this LibTorch or machine does not have. From then on convolutions on CUDA work in
/// float, as on a CPU: TF32, LibTorch's default, keeps 10 bits and moves probabilities by 0.01.
c10::Device select_device(const std::string& name);

/// For people: "cpu, 2 threads" or "cuda:0".
std::string device_text(c10::Device device);

/// Threads that LibTorch computes with from now on; at least 1.
void use_threads(int threads);

/// Such as "2.13.0".
std::string libtorch_version();

/// Makes the process fit for LibTorch's work. Idle threads sleep after a short wait, as spinning ones
/// collapse beside another busy process: OpenMP reads that before main(), so where the environment lacks it,
/// it is set and the program starts anew; what the user has set stands. So it is with LibTorch's own log,
/// which stays silent: what it tells comes as exceptions, too. Then keep_tensor_memory(). Call first in
/// main() with its arguments.
void prepare_process(char** argv);

}  // namespace fer
