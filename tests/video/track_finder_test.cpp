#include "track_finder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "video/scripted_source.hpp"
#include "video/stand_ins.hpp"

namespace fer {
namespace {

using test::ScriptedDetector;
using test::ScriptedSource;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Which faces a detector sees in each frame.
using Script = std::function<std::vector<FaceDetection>(int frame)>;

FaceDetection small_face_at(double x, double y = 100, float score = 0.9F) {
  return {.box = {static_cast<float>(x), static_cast<float>(y), 80, 100}, .score = score};
}

struct Found {
  std::vector<std::vector<TrackedFace>> frames;
  std::size_t extra_looks = 0;  ///< frames that were looked at besides the last of each group

  std::vector<std::vector<int>> ids() const {
    std::vector<std::vector<int>> ids;
    for (const auto& faces : frames) {
      ids.emplace_back();
      for (const TrackedFace& face : faces) ids.back().push_back(face.id);
    }
    return ids;
  }
};

/// All frames of a scripted recording.
Found find_all(ScriptedSource source, const Script& script, int detect_every, Tracking tracking = {}) {
  FrameGroups groups(source, {.sampling = {.method = SamplingMethod::all}, .detect_every = detect_every}, {});
  const auto look = [&](const cv::Mat& image) { return script(test::index_of(image)); };
  auto owned = std::make_unique<ScriptedDetector>(look);
  const ScriptedDetector& detector = *owned;
  TrackFinder finder(tracking, std::move(owned));
  EXPECT_EQ(finder.detector_name(), "scripted");
  Found found;
  while (const auto group = groups.next()) {
    auto frames = finder.find(*group, look(group->frames.back().image));
    EXPECT_EQ(frames.size(), group->frames.size());
    for (auto& faces : frames) found.frames.push_back(std::move(faces));
  }
  found.extra_looks = detector.calls;
  return found;
}

ScriptedSource even_frames(int count, double fps = 30) { return ScriptedSource(test::times_at(fps, count)); }

TEST(TrackFinder, AFaceBetweenTwoDetectionsIsOnTheWay) {
  const Script script = [](int frame) { return std::vector{small_face_at(10 * frame, 200 - 2 * frame)}; };
  const Found found = find_all(even_frames(41), script, 4);
  EXPECT_EQ(found.extra_looks, 0U);
  EXPECT_THAT(found.ids(), Each(ElementsAre(0)));
  for (std::size_t i = 0; i < found.frames.size(); ++i) {
    const cv::Rect2f box = found.frames[i][0].face.box;
    EXPECT_NEAR(box.x, 10.0 * static_cast<double>(i), 1e-3);
    EXPECT_NEAR(box.y, 200 - 2.0 * static_cast<double>(i), 1e-3);
    EXPECT_EQ(box.size(), cv::Size2f(80, 100));
  }
}

TEST(TrackFinder, TheWayGoesByTimeNotByFrames) {
  const Script script = [](int frame) { return std::vector{small_face_at(frame == 0 ? 100 : 110)}; };
  const Found found = find_all(ScriptedSource({0, 0.01, 0.04, 0.1}), script, 3);
  ASSERT_EQ(found.extra_looks, 0U);
  EXPECT_NEAR(found.frames[1][0].face.box.x, 101, 1e-3);
  EXPECT_NEAR(found.frames[2][0].face.box.x, 104, 1e-3);
}

TEST(TrackFinder, LandmarksGoAlongAndTheLowerScoreCounts) {
  const Script script = [](int frame) {
    FaceDetection face = small_face_at(100, 100, frame == 0 ? 0.6F : 0.9F);
    face.landmarks = {{100.0F + static_cast<float>(frame), 120}, {150, 120.0F - static_cast<float>(frame)}};
    return std::vector{face};
  };
  const Found found = find_all(even_frames(5), script, 4);
  for (const int i : {1, 2, 3}) {
    const FaceDetection& face = found.frames[static_cast<std::size_t>(i)][0].face;
    EXPECT_EQ(face.score, 0.6F);
    ASSERT_EQ(face.landmarks.size(), 2U);
    EXPECT_NEAR(face.landmarks[0].x, 100 + i, 1e-3);
    EXPECT_NEAR(face.landmarks[1].y, 120 - i, 1e-3);
  }
  EXPECT_EQ(found.frames[4][0].face.score, 0.9F);
}

TEST(TrackFinder, LandmarksThatDoNotCorrespondAreLeftOut) {
  const Script script = [](int frame) {
    FaceDetection face = small_face_at(100);
    if (frame > 0) face.landmarks = {{100, 120}};
    return std::vector{face};
  };
  const Found found = find_all(even_frames(5), script, 4);
  EXPECT_THAT(found.frames[2][0].face.landmarks, IsEmpty());
  EXPECT_EQ(found.frames[4][0].face.landmarks.size(), 1U);
}

TEST(TrackFinder, FacesComeInTheOrderOfTheLaterDetection) {
  const Script script = [](int frame) {
    std::vector faces{small_face_at(100), small_face_at(400)};
    if (frame == 4) std::swap(faces[0], faces[1]);
    return faces;
  };
  const Found found = find_all(even_frames(5), script, 4);
  EXPECT_THAT(found.ids(), ElementsAre(ElementsAre(0, 1), ElementsAre(1, 0), ElementsAre(1, 0),
                                       ElementsAre(1, 0), ElementsAre(1, 0)));
  EXPECT_EQ(found.frames[2][0].face.box.x, 400);
  EXPECT_EQ(found.extra_looks, 0U);
}

TEST(TrackFinder, WhereFacesComeAndGoEveryFrameIsLookedAt) {
  // one throughout, one that comes and goes at any place within a group
  for (int from = 0; from < 12; ++from) {
    for (int until = from + 4; until <= 21; ++until) {
      const Script script = [&](int frame) {
        std::vector faces{small_face_at(100 + frame)};
        if (frame >= from && frame < until) faces.push_back(small_face_at(400));
        return faces;
      };
      const Found found = find_all(even_frames(21), script, 4);
      for (int frame = 0; frame < 21; ++frame) {
        EXPECT_EQ(found.frames[static_cast<std::size_t>(frame)].size(), script(frame).size())
            << "there from " << from << " until " << until << ": frame " << frame;
      }
      EXPECT_LE(found.extra_looks, 6U) << "two changes, three frames each";
    }
  }
}

TEST(TrackFinder, OnePersonForAnotherIsAChangeToo) {
  const Script script = [](int frame) { return std::vector{small_face_at(frame < 6 ? 100 : 500)}; };
  const Found found = find_all(even_frames(13), script, 4);
  EXPECT_EQ(found.extra_looks, 3U);
  for (std::size_t i = 0; i < 13; ++i) {
    EXPECT_EQ(found.frames[i][0].id, i < 6 ? 0 : 1);
    EXPECT_EQ(found.frames[i][0].face.box.x, i < 6 ? 100 : 500);
  }
}

TEST(TrackFinder, ADetectionMissedForAMomentLeavesTheIdAlone) {
  const Script script = [](int frame) {
    return frame == 8 ? std::vector<FaceDetection>{} : std::vector{small_face_at(100 + frame)};
  };
  const Found found = find_all(even_frames(21), script, 4);
  for (std::size_t i = 0; i < 21; ++i)
    EXPECT_THAT(found.ids()[i], i == 8 ? ::testing::Matcher<std::vector<int>>(IsEmpty()) : ElementsAre(0))
        << i;
  EXPECT_EQ(found.extra_looks, 6U);
}

TEST(TrackFinder, WithoutFacesTheDetectorIsNeverAsked) {
  const Found found = find_all(
      even_frames(100), [](int) { return std::vector<FaceDetection>{}; }, 4);
  EXPECT_EQ(found.extra_looks, 0U);
  EXPECT_THAT(found.frames, Each(IsEmpty()));
}

TEST(TrackFinder, DetectionsTooWeakForAFaceAreNoChange) {
  const Script script = [](int frame) {
    return frame % 8 == 0 ? std::vector{small_face_at(100, 100, 0.4F)} : std::vector<FaceDetection>{};
  };
  const Found found = find_all(even_frames(41), script, 4, {.min_score = 0.6F});
  EXPECT_EQ(found.extra_looks, 0U);
  EXPECT_THAT(found.frames, Each(IsEmpty()));
}

TEST(TrackFinder, NobodyContinuesAcrossACut) {
  const Script script = [](int) { return std::vector{small_face_at(100)}; };
  const Found found = find_all(ScriptedSource(test::times_at(30, 20), {10}), script, 4);
  EXPECT_EQ(found.extra_looks, 0U);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_THAT(found.ids()[i], ElementsAre(i < 10 ? 0 : 1)) << i;
}

TEST(TrackFinder, IdsAreThoseOfDetectionInEveryFrame) {
  // three people: one leaves, one comes, one sways
  const Script script = [](int frame) {
    std::vector faces{small_face_at(300 + 40 * std::sin(frame / 8.0))};
    if (frame < 17) faces.push_back(small_face_at(100 + frame));
    if (frame > 30) faces.push_back(small_face_at(500 - frame));
    return faces;
  };
  const Found every = find_all(even_frames(60), script, 1);
  EXPECT_EQ(every.extra_looks, 0U);
  EXPECT_EQ(find_all(even_frames(60), script, 4).ids(), every.ids());
  EXPECT_EQ(find_all(even_frames(60), script, 0).ids(), every.ids());
}

}  // namespace
}  // namespace fer
