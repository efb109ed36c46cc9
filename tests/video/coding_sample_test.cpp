#include "fer/video/coding_sample.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "video/scripted_source.hpp"

namespace fer {
namespace {

using test::index_of;
using test::ScriptedSource;
using test::times_at;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using Candidates = std::vector<SampleCandidate>;

/// `count` faces of one video and id, every `seconds`.
void append(Candidates& candidates, const SampleCandidate& first, int count, double seconds) {
  for (int i = 0; i < count; ++i) {
    candidates.push_back(first);
    candidates.back().timestamp += seconds * i;
  }
}

std::map<std::string, int> counts_of(const Candidates& candidates, const std::vector<DrawnCandidate>& drawn) {
  std::map<std::string, int> counts;
  for (const DrawnCandidate& one : drawn) ++counts[candidates[one.candidate].stratum];
  return counts;
}

Candidates three_strata() {
  Candidates candidates;
  append(candidates, {.video = 0, .timestamp = 0, .stratum = "happy"}, 100, 1);
  append(candidates, {.video = 1, .timestamp = 0, .stratum = "happy"}, 300, 1);
  append(candidates, {.video = 0, .timestamp = 100, .stratum = "sad"}, 40, 1);
  append(candidates, {.video = 0, .timestamp = 140, .stratum = "fear"}, 3, 1);
  return candidates;
}

TEST(CodingSample, HasEqualSharesAsFarAsThereAreFrames) {
  const Candidates candidates = three_strata();
  const auto drawn = draw_coding_sample(candidates, 63, 1);
  EXPECT_THAT(counts_of(candidates, drawn),
              ElementsAre(std::pair("fear", 3), std::pair("happy", 30), std::pair("sad", 30)));
  EXPECT_THAT(draw_coding_sample(candidates, 10000, 1), SizeIs(candidates.size()));
  EXPECT_THAT(draw_coding_sample(candidates, 1, 1), SizeIs(3)) << "one of each at least";
  EXPECT_THAT(draw_coding_sample({}, 5, 1), SizeIs(0));
}

TEST(CodingSample, WeighsWhatItDrawsByTheSizeOfTheStratum) {
  const Candidates candidates = three_strata();
  std::map<std::string, double> sums;
  std::set<std::size_t> distinct;
  for (const DrawnCandidate& one : draw_coding_sample(candidates, 63, 1)) {
    sums[candidates[one.candidate].stratum] += one.weight;
    distinct.insert(one.candidate);
  }
  EXPECT_NEAR(sums["happy"], 400, 1e-9);
  EXPECT_NEAR(sums["sad"], 40, 1e-9);
  EXPECT_NEAR(sums["fear"], 3, 1e-9);
  EXPECT_THAT(distinct, SizeIs(63));
}

TEST(CodingSample, IsSpreadOverVideosAndTime) {
  const Candidates candidates = three_strata();
  std::map<std::size_t, int> videos;
  std::vector<int> quarters(4);
  for (const DrawnCandidate& one : draw_coding_sample(candidates, 123, 5)) {
    const SampleCandidate& face = candidates[one.candidate];
    if (face.stratum != "happy") continue;
    ++videos[face.video];
    if (face.video == 1) ++quarters[static_cast<std::size_t>(face.timestamp / 75)];
  }
  EXPECT_NEAR(videos[0], 20, 1) << "a quarter of the happy frames";
  EXPECT_THAT(quarters, ::testing::Each(::testing::AllOf(::testing::Ge(14), ::testing::Le(16))));
}

TEST(CodingSample, KeepsFacesOfOnePersonApartInTimeWhereItCan) {
  Candidates candidates;  // labels that change from frame to frame
  for (int i = 0; i < 300; ++i)
    candidates.push_back({.timestamp = 0.1 * i, .stratum = i % 3 == 0 ? "sad" : "happy"});
  std::vector<double> times;
  for (const DrawnCandidate& one : draw_coding_sample(candidates, 24, 3))
    times.push_back(candidates[one.candidate].timestamp);
  std::ranges::sort(times);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 1], kSampleSpacing - 1e-9);
  EXPECT_THAT(draw_coding_sample(candidates, 200, 3), SizeIs(200)) << "more than fit apart";
}

TEST(CodingSample, DrawsAllOfAStratumAboutEquallyOften) {
  Candidates candidates;
  append(candidates, {.stratum = "happy"}, 50, 1);
  std::vector<int> times(50);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    for (const DrawnCandidate& one : draw_coding_sample(candidates, 7, seed)) ++times[one.candidate];
  }
  EXPECT_THAT(times, ::testing::Each(::testing::AllOf(::testing::Gt(210), ::testing::Lt(350)))) << "280 each";
}

TEST(CodingSample, IsDecidedByItsSeedAndInNoOrder) {
  const Candidates candidates = three_strata();
  const auto places = [&](std::uint64_t seed) {
    std::vector<std::size_t> list;
    for (const DrawnCandidate& one : draw_coding_sample(candidates, 40, seed)) list.push_back(one.candidate);
    return list;
  };
  EXPECT_EQ(places(1), places(1));
  EXPECT_NE(places(1), places(2));
  EXPECT_FALSE(std::ranges::is_sorted(places(1)));
}

TEST(CodingPicture, ShowsTheFaceInTheMiddleAtOneSizeWithGreyBeyondTheFrame) {
  for (const int side : {20, 100, 1500}) {
    cv::Mat rgb(2 * side, 3 * side, CV_8UC3, cv::Scalar(0, 0, 200));
    const cv::Rect face(0, side / 2, side, side);
    rgb(face).setTo(cv::Scalar(250, 0, 0));
    const cv::Mat picture = coding_picture(rgb, face);
    ASSERT_EQ(picture.size(), cv::Size(kCodingPictureSide, kCodingPictureSide));
    EXPECT_EQ(picture.at<cv::Vec3b>(256, 256), cv::Vec3b(250, 0, 0)) << side;
    EXPECT_EQ(picture.at<cv::Vec3b>(256, 125), cv::Vec3b(250, 0, 0))
        << "512 / 1.8 = 284 pixels wide, " << side;
    EXPECT_EQ(picture.at<cv::Vec3b>(256, 60), cv::Vec3b(128, 128, 128)) << side;
    EXPECT_EQ(picture.at<cv::Vec3b>(256, 420), cv::Vec3b(0, 0, 200)) << side;
  }
}

TEST(VisitFrames, ShowsTheWantedOnesAndTellsOfThoseThatAreGone) {
  ScriptedSource source(times_at(25, 10));
  std::vector<std::pair<std::int64_t, int>> shown;
  visit_frames(source, std::vector<std::int64_t>{0, 3, 9},
               [&](std::int64_t frame, const cv::Mat& rgb) { shown.emplace_back(frame, index_of(rgb)); });
  EXPECT_THAT(shown, ElementsAre(std::pair(0, 0), std::pair(3, 3), std::pair(9, 9)));

  ScriptedSource shorter(times_at(25, 3));
  const auto nothing = [](std::int64_t, const cv::Mat&) {};
  EXPECT_THROW(visit_frames(shorter, std::vector<std::int64_t>{5}, nothing), Error);
  ScriptedSource stopped(times_at(25, 3));
  EXPECT_THROW(visit_frames(stopped, std::vector<std::int64_t>{1}, nothing, [] { return true; }), Stopped);
}

}  // namespace
}  // namespace fer
