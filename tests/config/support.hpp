#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "support/scoped_variable.hpp"

namespace fer {

/// The least an experiment needs.
inline const std::string kSource = "data.sources=[{root: /data}]";

using test::ScopedVariable;

/// Experiments from YAML texts, written to a folder of the test's own as one.yaml, two.yaml, three.yaml.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest()
      : folder_(std::filesystem::temp_directory_path() /
                fmt::format("fer-config-{}-{}", ::getpid(),
                            testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  Experiment load(const std::vector<std::string>& texts,
                  const std::vector<std::string>& overrides = {}) const {
    static const std::vector<std::string> kNames = {"one.yaml", "two.yaml", "three.yaml"};
    std::vector<std::filesystem::path> files;
    for (const std::string& text : texts) {
      files.push_back(folder_ / kNames.at(files.size()));
      write_file(files.back(), text);
    }
    return load_experiment(files, overrides);
  }

  /// The text of the usage error, without the folder's name; a note if there is none.
  std::string error_of(const std::vector<std::string>& texts,
                       const std::vector<std::string>& overrides = {}) const {
    try {
      load(texts, overrides);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
      std::string text = error.what();
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      const std::string prefix = folder_.string() + "/";
      for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
      return text;
    }
    return "no error";
  }

  std::string error(const std::string& text) const { return error_of({text}); }
  std::string override_error(const std::string& assignment) const {
    return error_of({}, {kSource, assignment});
  }

  const std::filesystem::path folder_;
};

}  // namespace fer
