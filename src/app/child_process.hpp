#pragma once

#include <functional>
#include <string>

namespace fer {

/// What `work` returns, done by a process of its own: what it takes of memory, threads and devices ends with
/// it. Its fer::Error is thrown here; another exception, and an end without an answer, is a failure. Threads
/// do not come along, so LibTorch must not have computed with several before.
std::string in_child_process(const std::function<std::string()>& work);

}  // namespace fer
