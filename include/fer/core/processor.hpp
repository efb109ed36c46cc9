#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// What the system says of the processor.
struct ProcessorFacts {
  std::string model = "unknown";           ///< as the maker calls it; on arm64 the core's number
  std::vector<std::string> features = {};  ///< those that speed up networks, as Linux calls them
};

/// Read from the text of Linux's /proc/cpuinfo, of x86 or ARM. What is not said stays as above.
ProcessorFacts parse_cpuinfo(std::string_view text);

/// Of this machine.
ProcessorFacts this_processor();

}  // namespace fer
