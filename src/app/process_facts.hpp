#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fer {

/// This process's memory by a line of its status, such as VmHWM, in bytes.
std::int64_t process_memory(const std::string& line);

/// Such as "Debian GNU/Linux 12, Linux 6.1, x86_64".
std::string system_text();

/// Cores that this process may use.
int usable_cores();

/// The environment of one of so many processes side by side: its part of the cores as OMP_NUM_THREADS, unless
/// the user has said how many threads there are to be.
std::vector<std::pair<std::string, std::string>> thread_variables(int processes);

/// Starts this very program with other arguments, as a plain shell would, and waits for its end: what it
/// took, in seconds. Throws a failure if it does not succeed.
double seconds_of_program(const std::vector<std::string>& arguments);

}  // namespace fer
