#include "fer/engine/checkpoint_info.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_text.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

CheckpointInfo three_classes() {
  CheckpointInfo info;
  info.classes = ClassList({"anger", "happiness", "neutral"});
  info.trained_on = "drawn";
  info.epoch = 2;
  return info;
}

TEST(CheckpointInfo, ComesBackFromItsMetadataBesideKeysOfOthers) {
  Metadata metadata = to_metadata(three_classes());
  metadata["exporter"] = "1.0";
  EXPECT_EQ(checkpoint_info(metadata), three_classes());
}

TEST(CheckpointInfo, RefusesMetadataThatAreNoneOrLackAKey) {
  EXPECT_THAT(error_text(ErrorKind::data,
                         [] {
                           return checkpoint_info({{"producer", "x"}});
                         }),
              HasSubstr("not a checkpoint of this project"));
  for (const std::string key : {"version", "backbone", "classes", "preprocessing", "epoch"}) {
    Metadata metadata = to_metadata(three_classes());
    metadata.erase(key);
    EXPECT_THAT(error_text(ErrorKind::data, [&] { return checkpoint_info(metadata); }), HasSubstr(key));
  }
}

}  // namespace
}  // namespace fer::test
