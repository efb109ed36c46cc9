#include "fer/report/inspection_files.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "fer/core/csv.hpp"
#include "support/images.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::ordered_json;

const std::vector<DatasetSource> kSources = {{.kind = "kdef", .root = "faces"}};

ImageCounts counts(std::size_t images, std::size_t with_face) {
  ImageCounts counts;
  counts.images = images;
  counts.readable = images;
  counts.subjects = 2;
  counts.grey = images / 2;
  counts.width = {.min = 48, .median = 60, .max = 90};
  counts.height = counts.shorter_side = {.min = 40, .median = 40, .max = 40};
  counts.searched = images;
  counts.with_face = {with_face};
  counts.several_faces = {1};
  return counts;
}

Inspection sound() {
  Inspection inspection;
  inspection.classes = ClassList({"happy", "sad"});
  inspection.detectors = {"haar"};
  inspection.all = counts(8, 6);
  inspection.per_class = {counts(6, 6), counts(2, 1)};
  inspection.images_per_subject = {.min = 2, .median = 2, .max = 6};
  inspection.attributes = {{"angle", {{"S", 5}, {"HL", 3}}}};
  return inspection;
}

Inspection flawed() {
  Inspection inspection = sound();
  inspection.incomplete_subjects = {{.subject = "F01", .classes = {"sad"}}};
  inspection.problems = {
      {.kind = ProblemKind::unreadable, .path = "a,b.jpg", .detail = "cannot be decoded"},
      {.kind = ProblemKind::duplicate, .path = "c.jpg", .detail = "the same pixels", .other = "d.jpg"},
      {.kind = ProblemKind::duplicate,
       .path = "e.jpg",
       .detail = "label sad, there happy; the same pixels",
       .other = "d.jpg",
       .differences = {.label = true}},
      {.kind = ProblemKind::no_face, .path = "f.jpg", .detail = "haar finds no face", .detector = "haar"}};
  inspection.duplicates = {
      {.kind = ProblemKind::duplicate, .paths = {"d.jpg", "c.jpg", "e.jpg"}, .differences = {.label = true}}};
  return inspection;
}

TEST(InspectionJson, SaysHowManyImagesOfWhatKindThereAre) {
  const Json json = Json::parse(inspection_json(sound(), kSources));
  EXPECT_EQ(json["sources"], Json::parse(R"([{"kind": "kdef", "root": "faces"}])"));
  EXPECT_EQ(json["all"]["images"], 8);
  EXPECT_EQ(json["all"]["width"], Json::parse(R"({"min": 48, "median": 60, "max": 90})"));
  EXPECT_EQ(json["classes"]["sad"]["with_face"]["haar"], 1);
  EXPECT_EQ(json["classes"]["happy"]["with_several_faces"]["haar"], 1);
  EXPECT_EQ(json["subjects"]["subjects"], 2);
  EXPECT_EQ(json["attributes"]["angle"]["HL"], 3);
  EXPECT_EQ(json["limits"]["small_side"], kSmallSide);
  EXPECT_THAT(json["problems"], IsEmpty());
  EXPECT_EQ(json["problem_counts"]["duplicate"], 0);
  EXPECT_EQ(json["problem_counts"]["no_face"]["haar"], 0);
}

TEST(InspectionJson, ListsEachProblemAndEachGroupOfDuplicates) {
  const Json json = Json::parse(inspection_json(flawed(), kSources));
  EXPECT_EQ(json["subjects"]["lacking_classes"]["F01"], Json::parse(R"(["sad"])"));
  EXPECT_EQ(json["problem_counts"]["unreadable"], 1);
  EXPECT_EQ(json["problem_counts"]["duplicate"], 2);
  EXPECT_EQ(json["problem_counts"]["near_duplicate"], 0);
  EXPECT_EQ(json["problem_counts"]["no_face"]["haar"], 1);
  ASSERT_EQ(json["problems"].size(), 4U);
  EXPECT_EQ(json["problems"][0],
            Json::parse(R"({"problem": "unreadable", "path": "a,b.jpg", "detail": "cannot be decoded"})"));
  EXPECT_EQ(json["problems"][2]["differ"], Json::parse(R"(["label"])"));
  EXPECT_EQ(json["problems"][3]["detector"], "haar");
  EXPECT_EQ(json["duplicates"], Json::parse(R"([{"problem": "duplicate",
      "paths": ["d.jpg", "c.jpg", "e.jpg"], "differ": ["label"]}])"));
}

TEST(InspectionJson, ReplacesBytesThatAreNoUtf8) {
  Inspection inspection = flawed();
  inspection.problems[0].path = "\xff.jpg";
  EXPECT_EQ(Json::parse(inspection_json(inspection, kSources))["problems"][0]["path"], "\xef\xbf\xbd.jpg");
}

TEST(ProblemsCsv, HasARowForEachProblem) {
  const std::vector<CsvRow> rows = parse_csv(problems_csv(flawed()), "problems.csv");
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_THAT(rows[0].fields, ElementsAre("path", "problem", "detail", "other"));
  EXPECT_THAT(rows[1].fields, ElementsAre("a,b.jpg", "unreadable", "cannot be decoded", ""));
  EXPECT_THAT(rows[2].fields,
              ElementsAre("e.jpg", "duplicate", "label sad, there happy; the same pixels", "d.jpg"));
  EXPECT_THAT(rows[4].fields, ElementsAre("f.jpg", "no_face (haar)", "haar finds no face", ""));
}

TEST(InspectionSummary, AlignsARowPerClass) {
  const std::string text = inspection_summary(sound());
  EXPECT_THAT(
      text, HasSubstr("Class  Images  Share (%)  Subjects  Grey (%)  Shorter side (px)  Face by haar (%)\n"
                      "happy       6       75.0         2      50.0                 40             100.0\n"
                      "sad         2       25.0         2      50.0                 40              50.0\n"
                      "all         8      100.0         2      50.0                 40              75.0\n"));
  EXPECT_THAT(text, HasSubstr("Width 48 / 60 / 90 px, height 40 px"));
  EXPECT_THAT(text, HasSubstr("Subjects: 2, images of each 2 / 2 / 6\n"));
  EXPECT_THAT(text, HasSubstr("angle: HL 3, S 5\n"));
  EXPECT_THAT(text, HasSubstr("Findings: none\n"));
}

TEST(InspectionSummary, CountsProblemsAndShowsThoseThatDifferFirst) {
  const std::string text = inspection_summary(flawed());
  EXPECT_THAT(text, HasSubstr("1 of them lack a class: F01 (sad)\n"));
  EXPECT_THAT(text, HasSubstr("       1  unreadable: "));
  EXPECT_THAT(text, HasSubstr("            a,b.jpg: cannot be decoded\n"));
  EXPECT_THAT(text, HasSubstr("       2  duplicate: "));
  EXPECT_THAT(text, HasSubstr("1 group, 1 with different labels\n"
                              "            e.jpg = d.jpg: label sad, there happy; the same pixels\n"
                              "            c.jpg = d.jpg: the same pixels\n"));
  EXPECT_THAT(text, Not(HasSubstr("near_duplicate")));
}

TEST(InspectionSummary, LeavesOutSubjectsWhereNoneAreKnownAndSaysNoShareOfNothing) {
  Inspection inspection = sound();
  inspection.all.subjects = 0;
  inspection.per_class[1] = ImageCounts{.with_face = {0}, .several_faces = {0}};
  const std::string text = inspection_summary(inspection);
  EXPECT_THAT(text, Not(HasSubstr("Subjects")));
  EXPECT_THAT(text, HasSubstr("sad         0        0.0         -                  -                 -\n"));
}

/// How many pixels have exactly this colour.
int pixels_of(const cv::Mat& picture, const cv::Scalar& colour) {
  cv::Mat mask;
  cv::inRange(picture, colour, colour, mask);
  return cv::countNonZero(mask);
}

const cv::Scalar kHaarBlue(0, 114, 178);
const cv::Scalar kMagenta(255, 0, 255);

Thumbnail thumbnail(const cv::Scalar& colour) {
  return {.rgb = cv::Mat(kThumbnailSide, kThumbnailSide, CV_8UC3, colour), .faces = {std::nullopt}};
}

TEST(ContactSheet, ShowsClassesWithTheFacesThatWereFound) {
  Inspection inspection = sound();
  inspection.per_class[0].examples = {"x/happy.jpg"};
  inspection.thumbnails["x/happy.jpg"] = thumbnail(kMagenta);
  const int without = pixels_of(draw_contact_sheet(inspection, "faces", 4), kHaarBlue);
  inspection.thumbnails["x/happy.jpg"].faces[0] = cv::Rect2f(20, 20, 100, 100);
  const cv::Mat sheet = draw_contact_sheet(inspection, "faces", 4);
  EXPECT_EQ(sheet.type(), CV_8UC3);
  EXPECT_GT(pixels_of(sheet, kMagenta), kThumbnailSide * kThumbnailSide * 9 / 10);
  EXPECT_NEAR(pixels_of(sheet, kHaarBlue) - without, 3 * 400, 50);  // the frame, three pixels wide
}

TEST(ContactSheet, ShowsDuplicatesBesideWhatTheyRepeat) {
  Inspection inspection = flawed();
  for (const char* path : {"c.jpg", "d.jpg", "e.jpg"}) inspection.thumbnails[path] = thumbnail(kMagenta);
  const int shown = pixels_of(draw_contact_sheet(inspection, "faces", 4), kMagenta);
  EXPECT_EQ(shown, 4 * kThumbnailSide * kThumbnailSide);  // two pairs
  EXPECT_EQ(pixels_of(draw_contact_sheet(inspection, "faces", 1), kMagenta), shown / 2);
}

TEST(ContactSheet, BreaksLongRowsAndWritesProblemsWithoutPictures) {
  Inspection inspection = sound();
  const int before = draw_contact_sheet(inspection, "faces", 40).rows;
  inspection.problems = {{.kind = ProblemKind::empty_class, .detail = "class 'fear' has no image"}};
  const int with_line = draw_contact_sheet(inspection, "faces", 40).rows;
  EXPECT_GT(with_line, before);
  inspection.problems.clear();
  for (int i = 0; i < 30; ++i) {
    const std::string path = std::to_string(i);
    inspection.problems.push_back({.kind = ProblemKind::small, .path = path, .detail = "30 x 30 pixels"});
    inspection.thumbnails[path] = thumbnail(kMagenta);
  }
  const cv::Mat sheet = draw_contact_sheet(inspection, "faces", 40);
  EXPECT_GT(sheet.rows, before + 3 * kThumbnailSide);
  EXPECT_EQ(pixels_of(sheet, kMagenta), 30 * kThumbnailSide * kThumbnailSide);
}

TEST(TextTable, CountsLettersRatherThanBytes) {
  const std::vector<std::vector<std::string>> rows = {{"né", "10"}, {"sad", "5"}};
  EXPECT_EQ(text_table(rows), "né   10\nsad   5\n");
}

}  // namespace
}  // namespace fer
