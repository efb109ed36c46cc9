#include "fer/report/coding_files.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "fer/core/files.hpp"
#include "report/read_with_python.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::read_with_python;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

/// A recording of so many seconds in which these faces are seen.
VideoAnalysis recording(const std::vector<int>& face_ids, std::optional<double> duration = 4) {
  VideoAnalysis analysis{.classes = ClassList({"happy", "\"odd\" <&>", "überrascht"}),
                         .frames = {{.timestamp = 0, .seconds = 1}, {.timestamp = 3, .seconds = 1}},
                         .duration_seconds = duration};
  for (const int id : face_ids) analysis.frames[1].faces.push_back({.face_id = id});
  return analysis;
}

ExpressionEvent event(int face_id, int label, double onset, double offset) {
  return {.face_id = face_id, .label = label, .onset = onset, .apex = onset, .offset = offset};
}

const std::vector<ExpressionEvent> kEvents = {event(2, 0, 0.5, 1.25), event(0, 1, 1, 2),
                                              event(2, 2, 1.25, 4.3333)};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

TEST(EventsEaf, HasATierForEachFaceAndItsTimeSlotsInOrder) {
  const std::string eaf = events_eaf(kEvents, recording({0, 1, 2}), "/videos/a.mp4", "/out");
  for (const char* tier : {"face 0", "face 1", "face 2"})
    EXPECT_EQ(count(eaf, fmt::format("TIER_ID=\"{}\"", tier)), 1U) << tier;
  EXPECT_EQ(count(eaf, "<ALIGNABLE_ANNOTATION"), 3U);
  const std::vector<int> times = {500, 1000, 1250, 1250, 2000, 4000};
  std::size_t at = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    at = eaf.find(fmt::format("TIME_SLOT_ID=\"ts{}\" TIME_VALUE=\"{}\"", i + 1, times[i]), at);
    EXPECT_NE(at, std::string::npos) << i;
  }
  EXPECT_THAT(eaf, HasSubstr("<ANNOTATION_VALUE>happy</ANNOTATION_VALUE>"));
  EXPECT_THAT(eaf, HasSubstr("lastUsedAnnotationId\">3<"));
}

TEST(EventsEaf, EscapesNames) {
  const std::string eaf = events_eaf(kEvents, recording({0, 2}), "/videos/a.mp4", "/out");
  EXPECT_THAT(eaf, HasSubstr("<ANNOTATION_VALUE>&quot;odd&quot; &lt;&amp;&gt;</ANNOTATION_VALUE>"));
  EXPECT_THAT(eaf, HasSubstr("überrascht"));
}

TEST(EventsEaf, NamesTheRecordingAsAUrlAndRelativeToItsFolder) {
  const auto header = [](const char* media, const char* folder) {
    return events_eaf({}, recording({}), media, folder);
  };
  EXPECT_THAT(header("/v/my clip #1 ü&.MOV", "/v/out/my clip"),
              AllOf(HasSubstr("MEDIA_URL=\"file:///v/my%20clip%20%231%20%C3%BC%26.MOV\""),
                    HasSubstr("MIME_TYPE=\"video/quicktime\""),
                    HasSubstr("RELATIVE_MEDIA_URL=\"../../my clip #1 ü&amp;.MOV\"")));
  EXPECT_THAT(header("/v/a.mkv", "/v"),
              AllOf(HasSubstr("RELATIVE_MEDIA_URL=\"./a.mkv\""), HasSubstr("MIME_TYPE=\"video/*\"")));
  EXPECT_THAT(header("a.mp4", ""), AllOf(ContainsRegex("MEDIA_URL=\"file:///.*/a.mp4\" MIME"),
                                         HasSubstr("RELATIVE_MEDIA_URL=\"./a.mp4\"")));
  EXPECT_THAT(header("/v/\xff.mp4", "/v"),
              AllOf(HasSubstr("file:///v/%FF.mp4"), HasSubstr("./\xEF\xBF\xBD.mp4")));
  EXPECT_THAT(header("", "/v"), Not(HasSubstr("MEDIA_DESCRIPTOR")));
}

TEST(EventsEaf, EventsShorterThanItsClockDoNotOverlap) {
  const std::vector<ExpressionEvent> events = {event(0, 0, 1.0001, 1.0003), event(0, 1, 1.0003, 1.0004),
                                               event(0, 0, 1.0004, 2)};
  const std::string eaf = events_eaf(events, recording({0}), "", "");
  for (const int time : {1000, 1001, 1001, 1002, 1002, 2000})
    EXPECT_THAT(eaf, HasSubstr(fmt::format("TIME_VALUE=\"{}\"", time)));
  EXPECT_EQ(count(eaf, "TIME_SLOT_ID"), 6U);
}

TEST(EventsTextGrid, CoversTheRecordingWithoutAGap) {
  const std::string grid = events_textgrid(std::vector{kEvents[0], kEvents[2]}, recording({2}));
  EXPECT_EQ(grid, R"(File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 4.000000
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "face 2"
        xmin = 0
        xmax = 4.000000
        intervals: size = 3
        intervals [1]:
            xmin = 0.000000
            xmax = 0.500000
            text = ""
        intervals [2]:
            xmin = 0.500000
            xmax = 1.250000
            text = "happy"
        intervals [3]:
            xmin = 1.250000
            xmax = 4.000000
            text = "überrascht"
)");
}

TEST(EventsTextGrid, DoublesQuotes) {
  EXPECT_THAT(events_textgrid(kEvents, recording({0, 2})), HasSubstr("text = \"\"\"odd\"\" <&>\""));
}

TEST(EventsTextGrid, FacesWithoutAnEventAndRecordingsWithoutAFaceHaveATierOfTheirLength) {
  for (const auto& [faces, name] : {std::pair{std::vector<int>{7}, "face 7"}, {{}, "no face"}}) {
    const std::string grid = events_textgrid({}, recording(faces));
    EXPECT_THAT(grid, HasSubstr(fmt::format("name = \"{}\"", name)));
    EXPECT_THAT(grid, HasSubstr("intervals: size = 1\n"));
    EXPECT_THAT(grid, HasSubstr("xmin = 0.000000\n            xmax = 4.000000\n            text = \"\""));
  }
}

TEST(EventsTextGrid, ARecordingWithoutAStatedDurationEndsWithItsLastFrame) {
  EXPECT_THAT(events_textgrid({}, recording({0}, std::nullopt)), HasSubstr("\nxmax = 4.000000\n"));
  VideoAnalysis nothing = recording({}, std::nullopt);
  nothing.frames.clear();
  EXPECT_THAT(events_textgrid({}, nothing), HasSubstr("\nxmax = 0.000001\n"));
}

/// What other programs' libraries read; nothing where Python or one of them is missing.
std::optional<nlohmann::json> read_with_peers(const TempFolder& folder) {
  return read_with_python("read_codings.py", std::vector{folder / "a.eaf", folder / "a.TextGrid"});
}

TEST(CodingFiles, ReadBackInPympiAndPraatio) {
  using Json = nlohmann::json;
  const TempFolder folder;
  folder.write("a.eaf", events_eaf(kEvents, recording({0, 1, 2}), "/v/a b.mp4", "/v"));
  folder.write("a.TextGrid", events_textgrid(kEvents, recording({0, 1, 2})));
  const auto read = read_with_peers(folder);
  if (!read) GTEST_SKIP() << "needs Python with pympi-ling and praatio (FER_PYTHON names an interpreter)";
  const char* odd = "\"odd\" <&>";
  EXPECT_EQ(read->at("eaf"), (Json{{"face 0", {{1000, 2000, odd}}},
                                   {"face 1", Json::array()},
                                   {"face 2", {{500, 1250, "happy"}, {1250, 4000, "überrascht"}}}}));
  EXPECT_EQ(read->at("media"), Json::array({Json::array({"file:///v/a%20b.mp4", "./a b.mp4"})}));
  EXPECT_EQ(read->at("textgrid"),
            (Json{{"face 0", {{0.0, 1.0, ""}, {1.0, 2.0, odd}, {2.0, 4.0, ""}}},
                  {"face 1", {{0.0, 4.0, ""}}},
                  {"face 2", {{0.0, 0.5, ""}, {0.5, 1.25, "happy"}, {1.25, 4.0, "überrascht"}}}}));
  EXPECT_EQ(read->at("end"), 4.0);

  folder.write("a.eaf", events_eaf({}, recording({}), "", ""));
  folder.write("a.TextGrid", events_textgrid({}, recording({})));
  const auto empty = read_with_peers(folder);
  EXPECT_EQ(empty->at("eaf"), (Json{{"no face", Json::array()}}));
  EXPECT_EQ(empty->at("textgrid"), (Json{{"no face", {{0.0, 4.0, ""}}}}));
}

}  // namespace
}  // namespace fer
