#pragma once

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

inline Outcome run(Tool tool, const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_tool(tool, arguments, {.out = out, .err = err});
  return {.code = code, .out = out.str(), .err = err.str()};
}

}  // namespace fer::test
