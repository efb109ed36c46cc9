#include "fer/video/coding.hpp"

#include <gmock/gmock.h>

#include "support/error_text.hpp"
#include "support/temp_folder.hpp"
#include "video/made_analysis.hpp"

namespace fer {
namespace {

using test::error_text;
using test::kThree;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

Coding read(const std::string& name, std::string_view text, const std::vector<std::string>& maps = {}) {
  const TempFolder folder;
  return read_coding(folder.write(name, text), CodingWords(kThree, maps));
}

std::string data_error_of(const std::string& name, const std::string& text) {
  return error_text(ErrorKind::data, [&] { return read(name, text); });
}

TEST(CodingWords, AreClassesTheirAliasesAndAFewMore) {
  const CodingWords words(kThree);
  EXPECT_EQ(words.category(" Happiness ", ""), 0);
  EXPECT_EQ(words.category("SAD", ""), 1);
  EXPECT_EQ(words.category("no_face", ""), kThree.no_face());
  EXPECT_EQ(words.category("none", ""), kThree.no_face());
  for (const char* word : {"", "  ", "unsure", "Uncertain", "?"})
    EXPECT_EQ(words.category(word, ""), std::nullopt) << word;
}

TEST(CodingWords, MayBeMapped) {
  const std::vector<std::string> maps = {"Contempt=sad", "blend=-", "neutral=-", "smile = Happiness",
                                         "out=no_face"};
  const CodingWords words(kThree, maps);
  EXPECT_EQ(words.category("contempt", ""), 1);
  EXPECT_EQ(words.category("BLEND", ""), std::nullopt);
  EXPECT_EQ(words.category("neutral", ""), std::nullopt) << "also a word that is a class";
  EXPECT_EQ(words.category("smile", ""), 0);
  EXPECT_EQ(words.category("out", ""), kThree.no_face());
}

TEST(CodingWords, AnUnknownOneIsNamedWithItsPlaceAndTheClasses) {
  EXPECT_EQ(error_text(ErrorKind::usage, [] { return CodingWords(kThree).category("fear", "a.csv:7"); }),
            "a.csv:7: 'fear' is none of the classes (happy, sad, neutral); say which it is with --map "
            "'fear=CLASS', or 'fear=-' to leave it out");
}

TEST(CodingWords, BadMapsAreRefused) {
  const auto text = [](const std::string& map) {
    return error_text(ErrorKind::usage, [&] { return CodingWords(kThree, std::vector{map}); });
  };
  EXPECT_EQ(text("fear"), "--map fear: expected WORD=CLASS, or WORD=- for what is not to count");
  EXPECT_THAT(text("=sad"), HasSubstr("expected WORD=CLASS"));
  EXPECT_THAT(text("fear="), HasSubstr("'' is none of the classes"));
  EXPECT_EQ(text("fear=sat"),
            "--map fear=sat: 'sat' is none of the classes (happy, sad, neutral), did you mean 'sad'?");
}

TEST(Coding, OfFramesIsReadByTheNamesOfItsColumns) {
  const Coding coding = read("c.csv",
                             "Emotion,note,timestamp,face_id,video,frame,id\nsad,x, 1.5 ,2, a.mp4 ,30,0001\n"
                             "unsure,,2,,,,\n");
  EXPECT_FALSE(coding.of_events);
  ASSERT_THAT(coding.frames, SizeIs(2));
  const CodedFrame& first = coding.frames[0];
  EXPECT_THAT(first.where, ::testing::EndsWith("c.csv:2"));
  EXPECT_EQ(first.id, "0001");
  EXPECT_EQ(first.video, "a.mp4");
  EXPECT_EQ(first.frame, 30);
  EXPECT_EQ(first.timestamp, 1.5);
  EXPECT_EQ(first.face_id, 2);
  EXPECT_EQ(first.category, 1);
  EXPECT_FALSE(coding.frames[1].frame || coding.frames[1].face_id || coding.frames[1].category);
}

TEST(Coding, OfEventsIsReadFromOurOwnList) {
  const Coding coding =
      read("events.csv", "face_id,emotion,onset,apex,offset,peak_prob\n3,happy,0.5,1,2.25,0.9\n");
  EXPECT_TRUE(coding.of_events);
  ASSERT_THAT(coding.events, SizeIs(1));
  EXPECT_EQ(coding.events[0].face_id, 3);
  EXPECT_EQ(coding.events[0].category, 0);
  EXPECT_EQ(coding.events[0].onset, 0.5);
  EXPECT_EQ(coding.events[0].offset, 2.25);
}

TEST(Coding, WithoutTheColumnsItNeedsIsRefused) {
  EXPECT_THAT(
      data_error_of("c.csv", "emotion,time\nsad,1\n"),
      HasSubstr("c.csv:1: codes neither frames (columns 'timestamp' or 'frame', and 'emotion') nor events "
                "('emotion', 'onset', 'offset'); found: emotion, time"));
  EXPECT_THAT(data_error_of("c.csv", "emotion,onset\nsad,1\n"), HasSubstr("there is no column 'offset'"));
  EXPECT_THAT(data_error_of("c.csv", "label,frame\nsad,1\n"), HasSubstr("there is no column 'emotion'"));
}

TEST(Coding, WhatIsWrongIsNamedWithItsLine) {
  const std::string frames = "timestamp,frame,face_id,emotion\n";
  EXPECT_THAT(data_error_of("c.csv", frames + "-1,,,sad\n"),
              HasSubstr("c.csv:2: '-1' is no number of seconds (column 'timestamp')"));
  EXPECT_THAT(data_error_of("c.csv", frames + "1,x,,sad\n"),
              HasSubstr("'x' is no number from 0 on (column 'frame')"));
  EXPECT_THAT(data_error_of("c.csv", frames + "1,,-2,sad\n"), HasSubstr("'-2' is no number from 0 on"));
  EXPECT_THAT(data_error_of("c.csv", frames + ",,1,sad\n"),
              HasSubstr("names neither a frame nor a timestamp"));
  const std::string events = "emotion,onset,offset\n";
  EXPECT_THAT(data_error_of("c.csv", events + "sad,2,1\n"),
              HasSubstr("c.csv:2: from 2 to 1 s: expected an end after the beginning"));
  EXPECT_THAT(data_error_of("c.csv", events + "sad,-1,1\n"), HasSubstr("'-1' is no number of seconds"));
  EXPECT_THAT(data_error_of("c.csv", events + "sad,nan,1\n"), HasSubstr("'nan' is no number of seconds"));
}

std::string eaf(const std::string& tiers, const std::string& slots = "") {
  return R"(<?xml version="1.0" encoding="UTF-8"?><ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds">)"
         R"(<MEDIA_DESCRIPTOR MEDIA_URL="file:///x/talk.mp4" RELATIVE_MEDIA_URL="../talk.mp4"/></HEADER><TIME_ORDER>)"
         R"(<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="500"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="2250"/>)" +
         slots + "</TIME_ORDER>" + tiers + "</ANNOTATION_DOCUMENT>";
}

std::string annotation(const std::string& text, const std::string& end = "ts2") {
  return R"(<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a7" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2=")" +
         end + R"("><ANNOTATION_VALUE>)" + text + "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>";
}

std::string eaf_tier(const std::string& name, const std::string& content) {
  return "<TIER TIER_ID=\"" + name + "\">" + content + "</TIER>";
}

TEST(ElanCoding, ReadsTiersOfFacesAndSaysWhichItLeavesOut) {
  const Coding coding = read("c.eaf", eaf(eaf_tier("face 0", "") + eaf_tier("Face 12", annotation("Joy")) +
                                          eaf_tier("notes", annotation("what a day"))));
  EXPECT_TRUE(coding.of_events);
  EXPECT_EQ(coding.media, "talk.mp4");
  EXPECT_THAT(coding.tiers, ElementsAre(0, 12));
  ASSERT_THAT(coding.events, SizeIs(1));
  EXPECT_EQ(coding.events[0].face_id, 12);
  EXPECT_EQ(coding.events[0].category, 0);
  EXPECT_EQ(coding.events[0].onset, 0.5);
  EXPECT_EQ(coding.events[0].offset, 2.25);
  EXPECT_THAT(coding.notes, ElementsAre(HasSubstr("tier 'notes' is left out")));
}

TEST(ElanCoding, ASingleTierOfAnyNameIsOfTheOneFace) {
  const Coding coding = read("c.eaf", eaf(eaf_tier("emotion", annotation("sad"))));
  ASSERT_THAT(coding.events, SizeIs(1));
  EXPECT_FALSE(coding.events[0].face_id);
  EXPECT_THAT(
      data_error_of("c.eaf", eaf(eaf_tier("a", annotation("sad")) + eaf_tier("b", annotation("sad")))),
      HasSubstr("has several tiers and none that is called as a face is ('face 0')"));
}

TEST(ElanCoding, WhatIsWrongIsNamedWithItsAnnotation) {
  EXPECT_THAT(data_error_of("c.eaf", "<ANNOTATION_DOCUMENT><TIER>"), HasSubstr("c.eaf: is damaged at byte"));
  EXPECT_THAT(data_error_of("c.eaf", "<html/>"), HasSubstr("c.eaf: is no ELAN document"));
  EXPECT_THAT(data_error_of("c.eaf", eaf(eaf_tier("face 0", annotation("sad", "ts9")))),
              HasSubstr("c.eaf: tier 'face 0', annotation a7: has no times of its own"));
  EXPECT_THAT(data_error_of("c.eaf", eaf("", R"(<TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="-5"/>)")),
              HasSubstr("time slot 'ts3': '-5' is no number of milliseconds"));
  EXPECT_THAT(data_error_of("c.eaf", eaf(eaf_tier("face 0", annotation("sad", "ts1")))),
              HasSubstr("annotation a7: from 0.5 to 0.5 s: expected an end after the beginning"));
  EXPECT_THAT(
      error_text(ErrorKind::usage, [] { return read("c.eaf", eaf(eaf_tier("face 0", annotation("fear")))); }),
      HasSubstr("tier 'face 0', annotation a7: 'fear' is none of the classes"));
}

constexpr char kLongGrid[] =
    "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0 \nxmax = 9.5 \ntiers? <exists> \n"
    "size = 2 \nitem []: \n    item [1]:\n        class = \"IntervalTier\" \n        name = \"face 3\" \n"
    "        xmin = 0 \n        xmax = 9.5 \n        intervals: size = 3 \n        intervals [1]:\n"
    "            xmin = 0 \n            xmax = 1.25 \n            text = \"\" \n        intervals [2]:\n"
    "            xmin = 1.25 \n            xmax = 2 \n            text = \"happy\" \n        intervals [3]:\n"
    "            xmin = 2 \n            xmax = 9.5 \n            text = \" \" \n    item [2]:\n"
    "        class = \"TextTier\" \n        name = \"say \"\"cheese\"\"\" \n        xmin = 0 \n"
    "        xmax = 9.5 \n        points: size = 1 \n        points [1]:\n            number = 4 \n"
    "            mark = \"!\" \n";
constexpr char kShortGrid[] =
    "File type = \"ooTextFile\"\n\"TextGrid\"\n\n0\n9.5\n<exists>\n1\n\"IntervalTier\"\n\"face "
    "3\"\n0\n9.5\n2\n0\n"
    "1.25\n\"\"\n1.25\n2\n\"happy\"\n";

std::string utf16(std::string_view ascii, bool big) {
  std::string text = big ? "\xfe\xff" : "\xff\xfe";
  for (const char c : ascii) {
    if (big) text += '\0';
    text += c;
    if (!big) text += '\0';
  }
  return text;
}

TEST(PraatCoding, ReadsLongAndShortTextInEveryEncoding) {
  const std::string bom = "\xef\xbb\xbf";
  for (const std::string& text : {std::string(kLongGrid), std::string(kShortGrid), bom + kLongGrid,
                                  utf16(kLongGrid, true), utf16(kShortGrid, false)}) {
    const Coding coding = read("c.TextGrid", text);
    EXPECT_TRUE(coding.of_events);
    EXPECT_THAT(coding.tiers, ElementsAre(3));
    ASSERT_THAT(coding.events, SizeIs(1));
    EXPECT_EQ(coding.events[0].face_id, 3);
    EXPECT_EQ(coding.events[0].category, 0);
    EXPECT_EQ(coding.events[0].onset, 1.25);
    EXPECT_EQ(coding.events[0].offset, 2);
  }
}

TEST(PraatCoding, TextsBeyondAsciiSurviveUtf16) {
  // é, €, a pair of surrogates (U+1F600) and half of one, as the name of a word that means nothing here
  const std::string head =
      utf16(std::string_view(kShortGrid).substr(0, std::string_view(kShortGrid).find("happy")), true);
  const std::string word("\x00\xe9\x20\xac\xd8\x3d\xde\x00\xd8\x3d", 10);
  const std::string text = head + word + std::string("\0\"\0\n", 4);
  EXPECT_THAT(error_text(ErrorKind::usage, [&] { return read("c.TextGrid", text); }),
              HasSubstr("'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd' is none of the classes"));
}

TEST(PraatCoding, WhatIsNoneOrCutOffIsNamed) {
  EXPECT_THAT(data_error_of("c.TextGrid", "hello"), HasSubstr("c.TextGrid:1: is no whole TextGrid"));
  EXPECT_THAT(data_error_of("c.TextGrid", "File type = \"ooTextFile\"\nObject class = \"Pitch 1\"\n"),
              HasSubstr("c.TextGrid: is no TextGrid in a text format"));
  for (std::size_t length = 30; length + 8 < sizeof(kShortGrid); length += 7) {
    EXPECT_THAT(data_error_of("c.TextGrid", std::string(kShortGrid).substr(0, length)),
                AllOf(HasSubstr("c.TextGrid:"), HasSubstr("is no whole TextGrid")))
        << length;
  }
}

}  // namespace
}  // namespace fer
