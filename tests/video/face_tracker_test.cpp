#include "fer/video/face_tracker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "fer/core/random.hpp"
#include "support/error_text.hpp"

namespace fer {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A face of that size around a middle.
FaceDetection face_at(double x, double y, double size = 100, float score = 0.9F) {
  const auto side = static_cast<float>(size);
  return {.box = {static_cast<float>(x) - side / 2, static_cast<float>(y) - side / 2, side, side},
          .score = score};
}

std::vector<int> ids_of(const std::vector<TrackedFace>& faces) {
  std::vector<int> ids;
  for (const TrackedFace& face : faces) ids.push_back(face.id);
  return ids;
}

std::vector<int> update(FaceTracker& tracker, double time, const std::vector<FaceDetection>& faces) {
  return ids_of(tracker.update(time, faces));
}

/// What there is to see at a time.
using Scene = std::function<std::vector<FaceDetection>(double time)>;

/// The ids in each frame of a scene.
std::vector<std::vector<int>> ids_in(const Scene& scene, double seconds, double fps, Tracking options = {}) {
  FaceTracker tracker(options);
  std::vector<std::vector<int>> ids;
  for (int i = 0; i < seconds * fps; ++i) ids.push_back(update(tracker, i / fps, scene(i / fps)));
  return ids;
}

class FaceTrackerAtRate : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(FramesPerSecond, FaceTrackerAtRate, ::testing::Values(3, 5, 10, 25, 30, 60, 240));

TEST_P(FaceTrackerAtRate, AStillFaceKeepsItsIdThoughTheDetectorTrembles) {
  Rng rng(1);
  const auto tremble = [&] { return 5 * rng.normal(); };
  const Scene scene = [&](double) {
    return std::vector{face_at(300 + tremble(), 200 + tremble(), 100 + tremble())};
  };
  EXPECT_THAT(ids_in(scene, 20, GetParam()), Each(ElementsAre(0)));
}

TEST_P(FaceTrackerAtRate, AnEvenlyMovingFaceKeepsItsId) {
  // two of its sizes a second: through a picture of 640 pixels in three seconds
  const Scene scene = [](double time) { return std::vector{face_at(50 + 200 * time, 200 - 60 * time)}; };
  EXPECT_THAT(ids_in(scene, 3, GetParam()), Each(ElementsAre(0)));
}

TEST_P(FaceTrackerAtRate, ANoddingAndSwayingFaceKeepsItsId) {
  const Scene scene = [](double time) {
    return std::vector{face_at(300 + 80 * std::sin(3 * time), 200 + 30 * std::sin(8 * time))};
  };
  EXPECT_THAT(ids_in(scene, 10, GetParam()), Each(ElementsAre(0)));
}

TEST_P(FaceTrackerAtRate, AFaceThatComesNearerKeepsItsId) {
  const Scene scene = [](double time) { return std::vector{face_at(300, 200, 40 * std::exp(0.5 * time))}; };
  EXPECT_THAT(ids_in(scene, 5, GetParam()), Each(ElementsAre(0)));
}

TEST_P(FaceTrackerAtRate, TwoPeopleWhoCrossAtDifferentHeightsKeepTheirs) {
  const Scene scene = [](double time) {
    return std::vector{face_at(100 + 100 * time, 150), face_at(500 - 100 * time, 260)};
  };
  EXPECT_THAT(ids_in(scene, 4, GetParam()), Each(ElementsAre(0, 1)));
}

TEST_P(FaceTrackerAtRate, TheOrderOfDetectionsMeansNothing) {
  int frame = 0;
  const Scene scene = [&](double time) {
    std::vector faces{face_at(200 + 3 * time, 200), face_at(310 + 3 * time, 200)};
    if (frame++ % 2 == 1) std::ranges::reverse(faces);
    return faces;
  };
  const auto ids = ids_in(scene, 6, GetParam());
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_THAT(ids[i], i % 2 == 0 ? ElementsAre(0, 1) : ElementsAre(1, 0)) << i;
}

TEST_P(FaceTrackerAtRate, APanMovesAllFacesAndChangesNoId) {
  // a row of five, two sizes apart, that the camera passes at a size a second
  const Scene scene = [](double time) {
    std::vector<FaceDetection> faces;
    for (int i = 0; i < 5; ++i) faces.push_back(face_at(800 + 200 * i - 100 * time, 200));
    return faces;
  };
  EXPECT_THAT(ids_in(scene, 5, GetParam()), Each(ElementsAre(0, 1, 2, 3, 4)));
}

TEST(FaceTracker, KeepsAnIdThroughAShortGap) {
  const Scene scene = [](double time) {
    if (time > 1 && time < 1.8) return std::vector<FaceDetection>{};
    return std::vector{face_at(100 + 80 * time, 200)};
  };
  for (const double fps : {3.0, 30.0}) {
    for (const auto& ids : ids_in(scene, 4, fps))
      EXPECT_THAT(ids, ::testing::AnyOf(IsEmpty(), ElementsAre(0)));
  }
}

TEST(FaceTracker, AFaceThatWasAwayForLongerIsAnother) {
  FaceTracker tracker({.max_gap = 0.5});
  EXPECT_THAT(update(tracker, 0, {face_at(100, 100)}), ElementsAre(0));
  EXPECT_THAT(update(tracker, 0.5, {face_at(100, 100)}), ElementsAre(0)) << "the gap itself still counts";
  EXPECT_THAT(update(tracker, 0.8, {}), IsEmpty());
  EXPECT_THAT(update(tracker, 1.01, {face_at(100, 100)}), ElementsAre(1));
}

TEST(FaceTracker, OnePersonBehindAnotherComesBackAsThemselves) {
  // 1 stands still while 0 walks past in front; the hidden face is not seen for half a second
  const Scene scene = [](double time) {
    std::vector faces{face_at(100 + 200 * time, 210, 110)};
    if (std::abs(100 + 200 * time - 300) > 50) faces.push_back(face_at(300, 180, 90));
    return faces;
  };
  for (const auto& ids : ids_in(scene, 2.5, 30))
    EXPECT_THAT(ids, ::testing::AnyOf(ElementsAre(0), ElementsAre(0, 1)));
}

TEST(FaceTracker, NobodyContinuesInAnotherShot) {
  FaceTracker tracker({});
  EXPECT_THAT(update(tracker, 0, {face_at(100, 100), face_at(300, 100)}), ElementsAre(0, 1));
  tracker.begin_shot();
  EXPECT_THAT(update(tracker, 0.04, {face_at(300, 100), face_at(100, 100)}), ElementsAre(2, 3));
}

TEST(FaceTracker, AJumpAcrossThePictureIsAnotherPerson) {
  FaceTracker tracker({});
  for (int i = 0; i < 30; ++i) EXPECT_THAT(update(tracker, i / 30.0, {face_at(100, 100)}), ElementsAre(0));
  EXPECT_THAT(update(tracker, 1.0, {face_at(500, 100)}), ElementsAre(1));
  EXPECT_THAT(update(tracker, 1.1, {face_at(500, 100), face_at(100, 100)}), ElementsAre(1, 0))
      << "0 was away";
}

TEST(FaceTracker, AFaceOfAnotherSizeIsAnotherPerson) {
  FaceTracker tracker({});
  EXPECT_THAT(update(tracker, 0, {face_at(200, 200, 60)}), ElementsAre(0));
  EXPECT_THAT(update(tracker, 0.04, {face_at(200, 200, 200)}), ElementsAre(1));
}

TEST(FaceTracker, AWeakDetectionCarriesATrackOnButBeginsNone) {
  FaceTracker tracker({.min_score = 0.6F});
  EXPECT_THAT(update(tracker, 0.0, {face_at(100, 100, 100, 0.5F)}), IsEmpty());
  EXPECT_THAT(update(tracker, 0.1, {face_at(100, 100, 100, 0.6F)}), ElementsAre(0)) << "just strong enough";
  for (int i = 2; i < 30; ++i)
    EXPECT_THAT(update(tracker, 0.1 * i, {face_at(100, 100, 100, 0.3F), face_at(400, 100, 100, 0.3F)}),
                ElementsAre(0));
}

TEST(FaceTracker, AStrongDetectionHasTheFirstChoiceOfTracks) {
  FaceTracker tracker({.min_score = 0.6F});
  EXPECT_THAT(update(tracker, 0, {face_at(100, 100)}), ElementsAre(0));
  const auto faces = tracker.update(0.04, std::vector{face_at(101, 100, 100, 0.4F), face_at(120, 100)});
  ASSERT_THAT(ids_of(faces), ElementsAre(0));
  EXPECT_EQ(faces[0].face.score, 0.9F);
}

TEST(FaceTracker, GivesBackDetectionsAsTheyAreInTheirOrder) {
  FaceTracker tracker({});
  FaceDetection first = face_at(100, 100);
  first.landmarks = {{90, 90}, {110, 90}};
  const FaceDetection second = face_at(300, 120, 80, 0.7F);
  for (const double time : {0.0, 0.1}) {
    const auto faces = tracker.update(time, std::vector{first, second});
    ASSERT_EQ(faces.size(), 2U);
    EXPECT_EQ(faces[0].face.box, first.box);
    EXPECT_EQ(faces[0].face.landmarks, first.landmarks);
    EXPECT_EQ(faces[1].face.box, second.box);
    EXPECT_EQ(faces[1].face.score, 0.7F);
  }
}

TEST(FaceTracker, AVariableFrameRateChangesNoId) {
  FaceTracker tracker({});
  Rng rng(3);
  for (double time = 0; time < 20; time += 0.01 + 0.4 * rng.uniform()) {
    ASSERT_THAT(update(tracker, time, {face_at(300 + 120 * std::sin(time), 200), face_at(600, 200)}),
                ElementsAre(0, 1))
        << time;
  }
}

TEST(FaceTracker, BoxesWithoutAreaDoNoHarm) {
  FaceTracker tracker({});
  for (int i = 0; i < 5; ++i) {
    const std::vector<int> ids = update(tracker, 0.1 * i, {face_at(100, 100, 0), face_at(300, 300)});
    ASSERT_EQ(ids.size(), 2U);
    EXPECT_EQ(ids[1], 1);
  }
}

TEST(FaceTracker, CopiesAreIndependent) {
  // A copy that saw the face run to the right must leave the original's motion alone.
  FaceTracker tracker({});
  FaceTracker untouched({});
  for (int i = 0; i < 20; ++i) {
    update(tracker, i / 20.0, {face_at(100 + 5 * i, 100)});
    update(untouched, i / 20.0, {face_at(100 + 5 * i, 100)});
  }
  FaceTracker constructed = tracker;
  FaceTracker assigned({});
  assigned = tracker;
  for (int i = 20; i < 30; ++i) {
    update(constructed, i / 20.0, {face_at(200 + 20 * (i - 20), 100)});
    update(assigned, i / 20.0, {face_at(200, 100 + 20 * (i - 20))});
  }
  for (int i = 20; i < 60; ++i) {
    const std::vector faces{face_at(100 + 5 * i, 100), face_at(100 + 5 * i, 250 - 2 * i)};
    EXPECT_EQ(update(tracker, i / 20.0, faces), update(untouched, i / 20.0, faces)) << i;
  }
}

TEST(FaceTracker, TenThousandFramesOfNewFacesAreNoLongerWork) {
  const auto seconds_for = [](int frames) {
    FaceTracker tracker({});
    Rng rng(5);
    const auto start = std::chrono::steady_clock::now();
    int last = 0;
    for (int i = 0; i < frames; ++i) {  // three faces a frame, each somewhere else and gone again
      std::vector<FaceDetection> faces;
      for (int k = 0; k < 3; ++k) faces.push_back(face_at(100000 * rng.uniform(), 100000 * rng.uniform()));
      last = std::ranges::max(update(tracker, i / 3.0, faces));
    }
    EXPECT_GT(last, 2 * frames) << "they are others each time";
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  EXPECT_LT(seconds_for(10000), 5);  // with all 30,000 tracks kept it would be minutes
}

TEST(FaceTracker, NoGapIsAUsageError) {
  for (const double gap : {0.0, -1.0, std::nan("")}) {
    EXPECT_THAT(test::error_text(ErrorKind::usage, [&] { return FaceTracker({.max_gap = gap}); }),
                ::testing::StartsWith("longest gap: "));
  }
}

TEST(BoxMotion, ExpectsAnEvenlyMovingBoxWhereItWillBe) {
  for (const double fps : {3.0, 30.0}) {
    BoxMotion motion({0, 0, 100, 120}, 0);
    cv::Rect2f expected;
    int i = 1;
    for (; i < 4 * fps; ++i) {
      expected = motion.predict(i / fps);
      motion.correct({static_cast<float>(60 * i / fps), 0, 100, 120});
    }
    EXPECT_NEAR(expected.x, 60 * (i - 1) / fps, 10) << fps;
    EXPECT_NEAR(expected.y, 0, 0.5);
    EXPECT_NEAR(expected.width, 100, 0.5);
    EXPECT_NEAR(expected.height, 120, 0.5);
  }
}

TEST(BoxMotion, AnUnseenBoxComesToRestAndKeepsASize) {
  BoxMotion motion({0, 0, 100, 100}, 0);
  for (int i = 1; i <= 30; ++i) {
    motion.predict(i / 30.0);
    motion.correct(
        {static_cast<float>(10 * i), 0, static_cast<float>(100 - 3 * i), static_cast<float>(100 - 3 * i)});
  }
  cv::Rect2f before;
  cv::Rect2f after;
  for (int i = 31; i <= 300; ++i) {
    before = after;
    after = motion.predict(i / 30.0);
  }
  EXPECT_NEAR(after.x, before.x, 0.1);
  EXPECT_GE(after.width, 1);
  EXPECT_GE(after.height, 1);
}

TEST(BoxMotion, CopiesAreIndependent) {
  BoxMotion original({0, 0, 100, 100}, 0);
  BoxMotion copy = original;
  BoxMotion assigned({500, 500, 10, 10}, 7);
  assigned = original;
  copy.predict(0.1);
  copy.correct({40, 0, 100, 100});
  assigned.predict(0.1);
  assigned.correct({0, 40, 100, 100});
  const cv::Rect2f expected = original.predict(0.2);
  EXPECT_NEAR(expected.x, 0, 1e-3);
  EXPECT_NEAR(expected.y, 0, 1e-3);
  EXPECT_GT(copy.predict(0.2).x, 20);
  EXPECT_GT(assigned.predict(0.2).y, 20);
}

}  // namespace
}  // namespace fer
