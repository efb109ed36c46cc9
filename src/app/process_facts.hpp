#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fer {

/// This process's memory by a line of its status, such as VmHWM, in bytes.
std::int64_t process_memory(const std::string& line);

/// Such as "Debian GNU/Linux 12, Linux 6.1, x86_64".
std::string system_text();

/// Cores that this process may use.
int usable_cores();

/// Starts this very program with other arguments, as a plain shell would, and waits for its end: what it
/// took, in seconds. Throws a failure if it does not succeed.
double seconds_of_program(const std::vector<std::string>& arguments);

}  // namespace fer
