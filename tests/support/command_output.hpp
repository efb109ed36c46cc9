#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace fer::test {

/// What a shell command wrote to its standard output, and how it ended; 127 for one that was not found.
struct CommandOutput {
  std::string text = {};
  int exit_code = 127;
};

inline CommandOutput output_of(const std::string& command) {
  CommandOutput output;
  if (std::FILE* pipe = ::popen(command.c_str(), "r")) {
    std::array<char, 65536> part{};
    for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), pipe)) > 0;)
      output.text.append(part.data(), got);
    output.exit_code = WEXITSTATUS(::pclose(pipe));
  }
  return output;
}

}  // namespace fer::test
