#include "fer/core/processor.hpp"

#include <gmock/gmock.h>

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Processor, ReadsModelAndFeaturesOfX86) {
  const ProcessorFacts facts = parse_cpuinfo(
      "processor\t: 0\nmodel name\t: Fast CPU @ 2.10GHz\nflags\t\t: fpu avx2 amx_bf16 avx512_vnni mmx\n\n"
      "processor\t: 1\nmodel name\t: Other\nflags\t\t: fpu sve\n");
  EXPECT_EQ(facts.model, "Fast CPU @ 2.10GHz");
  EXPECT_THAT(facts.features, ElementsAre("avx2", "avx512_vnni", "amx_bf16"));
}

TEST(Processor, ReadsModelAndFeaturesOfArm) {
  const ProcessorFacts facts = parse_cpuinfo(
      "processor\t: 0\nFeatures\t: fp asimd asimddp\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n");
  EXPECT_EQ(facts.model, "ARM implementer 0x41 part 0xd0c");
  EXPECT_THAT(facts.features, ElementsAre("asimd", "asimddp"));
}

TEST(Processor, ATextThatSaysNothingIsUnknown) {
  EXPECT_EQ(parse_cpuinfo("").model, "unknown");
  EXPECT_THAT(parse_cpuinfo("nothing\n: \n").features, IsEmpty());
}

TEST(Processor, AFeatureIsAWholeWord) {
  EXPECT_THAT(parse_cpuinfo("flags : avx512_bf16x myavx2").features, IsEmpty());
}

TEST(Processor, ThisMachineHasOne) { EXPECT_NE(this_processor().model, "unknown"); }

}  // namespace
}  // namespace fer
