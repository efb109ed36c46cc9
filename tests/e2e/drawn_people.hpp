#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "program.hpp"

namespace fer::test {

/// Six drawn people, 42 images, made once for all tests of a suite.
class DrawnPeople : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempFolder>();
    const Program synth(
        "fer-data",
        {"synth", "--subjects", "6", "--sessions", "1", "--angles", "S", "-o", path("faces"), "-q"},
        *folder_);
    ASSERT_EQ(synth.wait(), 0) << synth.err();
  }
  static void TearDownTestSuite() { folder_.reset(); }

  /// base.yaml, an experiment on them with `more`, which does not set its data.
  static void write_experiment(const std::string& more) {
    folder_->write("base.yaml", "experiment: {output: " + path("runs") +
                                    "}\ndata:\n  sources: [{kind: kdef, root: " + path("faces") +
                                    "}]\n  split: {method: subject, val: 0.34}\n  cache: {folder: " +
                                    path("crops") + "}\nface: {detector: none}\n" + more);
  }

  /// Two minutes at most.
  static void wait_for(const std::function<bool()>& condition) {
    for (int i = 0; i < 12000 && !condition(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  static std::string path(const std::string& name) { return (*folder_ / name).string(); }

  static inline std::unique_ptr<TempFolder> folder_;
};

}  // namespace fer::test
