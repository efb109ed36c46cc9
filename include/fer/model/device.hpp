#pragma once

#include <c10/core/Device.h>

#include <string>

namespace fer {

/// "auto" (CUDA where there is one), "cpu", "cuda" or "cuda:N". Throws a usage error for anything else and
/// for a CUDA device that this LibTorch or machine does not have.
c10::Device select_device(const std::string& name);

/// For people: "cpu, 2 threads" or "cuda:0".
std::string device_text(c10::Device device);

/// Such as "2.13.0".
std::string libtorch_version();

/// Settings that LibTorch, OpenMP and the C library read before main(): memory for large tensors comes in
/// huge pages and stays with the process (page faults cost more than the arithmetic otherwise), and idle
/// threads sleep (spinning ones collapse beside another busy process). Where the environment lacks one, it is
/// set and the program starts anew; what the user has set stands. Call first in main() with its arguments.
void prepare_process(char** argv);

}  // namespace fer
