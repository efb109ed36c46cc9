#include "fer/core/processor.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>

#include "fer/core/text.hpp"

namespace fer {
namespace {

/// In the order they are told in: x86, then ARM.
constexpr std::array<std::string_view, 19> kFeatures = {
    "sse4_2",      "avx",         "avx2",        "fma",      "f16c",     "avx_vnni", "avx512f",
    "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_int8", "amx_bf16", "asimd",
    "fphp",        "asimddp",     "bf16",        "i8mm",     "sve"};

}  // namespace

ProcessorFacts parse_cpuinfo(std::string_view text) {
  std::map<std::string, std::string> first;  // cores repeat each other
  for (const std::string& line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    first.emplace(trim(std::string_view(line).substr(0, colon)),
                  trim(std::string_view(line).substr(colon + 1)));
  }
  ProcessorFacts facts;
  if (first.contains("model name")) {
    facts.model = first["model name"];
  } else if (first.contains("CPU part")) {
    facts.model = "ARM implementer " + first["CPU implementer"] + " part " + first["CPU part"];
  }
  const std::vector<std::string> flags = split(first[first.contains("flags") ? "flags" : "Features"], ' ');
  for (const std::string_view feature : kFeatures) {
    if (std::ranges::find(flags, feature) != flags.end()) facts.features.emplace_back(feature);
  }
  return facts;
}

ProcessorFacts this_processor() {
  std::ifstream file("/proc/cpuinfo");
  return parse_cpuinfo(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace fer
