#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fer/core/files.hpp"
#include "support/command_output.hpp"

namespace fer::test {

/// What a script beside this file reads in files or folders by other programs' libraries; nothing where
/// Python or one of them is missing. The environment variable FER_PYTHON names the interpreter, else it is
/// python3.
inline std::optional<nlohmann::json> read_with_python(std::string_view script,
                                                      std::span<const std::filesystem::path> paths) {
  const char* named = std::getenv("FER_PYTHON");
  const std::string errors = paths.front().string() + ".err";
  std::string command =
      fmt::format("'{}' '{}/tests/report/{}'", named != nullptr ? named : "python3", FER_SOURCE_DIR, script);
  for (const auto& path : paths) command += fmt::format(" '{}'", path.string());
  const auto [text, exit_code] = output_of(fmt::format("{} 2>'{}'", command, errors));
  if (exit_code == 77 || exit_code == 127) return std::nullopt;
  EXPECT_EQ(exit_code, 0) << read_file(errors);
  return nlohmann::json::parse(text);
}

}  // namespace fer::test
