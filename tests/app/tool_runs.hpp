#pragma once

#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include "fer/app/program.hpp"

namespace fer::test {

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

/// On a terminal of so many columns, where they are given.
inline Outcome run(Tool tool, const std::vector<std::string>& arguments, std::size_t (*columns)() = nullptr) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_tool(tool, arguments, {.out = out, .err = err, .columns = columns});
  return {.code = code, .out = out.str(), .err = err.str()};
}

}  // namespace fer::test
