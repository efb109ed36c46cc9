#include "fer/data/synthetic_face.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "fer/core/labels.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"

namespace fer {
namespace {

using test::mean_difference;
using test::same_pixels;
using testing::HasSubstr;

constexpr std::uint64_t kSeed = 42;
const cv::Size kSmall{168, 228};

/// A person in even light, without noise, so that pictures differ by what the test changes alone.
SyntheticFace plain_face(bool female = true, int subject = 1) {
  SyntheticFace face;
  face.identity = synthetic_identity(kSeed, female, subject);
  face.scene.noise = 0;
  return face;
}

SyntheticFace showing(const std::string& emotion, std::uint64_t draw = 1) {
  SyntheticFace face = plain_face();
  Rng rng(draw);
  face.expression = synthetic_expression(emotion, 0.9, rng);
  return face;
}

cv::Mat mirrored(const cv::Mat& image) {
  cv::Mat flipped;
  cv::flip(image, flipped, 1);
  return flipped;
}

TEST(SyntheticFaceTest, ThePictureIsRgbOfTheSizeAskedFor) {
  for (const cv::Size size : {kSmall, cv::Size(300, 200), cv::Size(64, 64)}) {
    const cv::Mat image = render_face(plain_face(), size);
    EXPECT_EQ(image.size(), size);
    EXPECT_EQ(image.type(), CV_8UC3);
  }
  SyntheticFace blue = plain_face();
  blue.scene.background = {40, 80, 220};
  const auto corner = render_face(blue, kSmall).at<cv::Vec3b>(2, 2);
  EXPECT_LT(corner[0], corner[2]);
}

TEST(SyntheticFaceTest, TheSameFaceGivesTheSamePicture) {
  SyntheticFace face = showing("happy");
  face.scene.noise = 2;
  EXPECT_TRUE(same_pixels(render_face(face, kSmall), render_face(face, kSmall)));
  SyntheticFace grainy = face;
  grainy.scene.noise_seed = 7;
  EXPECT_FALSE(same_pixels(render_face(face, kSmall), render_face(grainy, kSmall)));
}

TEST(SyntheticFaceTest, EveryPersonLooksDifferent) {
  std::vector<cv::Mat> pictures;
  for (const bool female : {true, false}) {
    for (int subject = 1; subject <= 5; ++subject) {
      pictures.push_back(render_face(plain_face(female, subject), kSmall));
    }
  }
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_GT(mean_difference(pictures[i], pictures[k]), 2) << i << ' ' << k;
  }
  SyntheticFace other_seed = plain_face();
  other_seed.identity = synthetic_identity(kSeed + 1, true, 1);
  EXPECT_GT(mean_difference(render_face(other_seed, kSmall), pictures[0]), 2);
}

TEST(SyntheticFaceTest, EveryClassChangesTheFaceAndNothingElse) {
  std::vector<cv::Mat> pictures;
  for (const std::string& emotion : canonical_classes()) {
    pictures.push_back(render_face(showing(emotion), kSmall));
  }
  const cv::Rect head(30, 10, 108, 195);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const auto names = canonical_classes()[i] + " and " + canonical_classes()[k];
      EXPECT_GT(mean_difference(pictures[i](head), pictures[k](head)), 0.6) << names;
      cv::Mat a = pictures[i].clone();
      cv::Mat b = pictures[k].clone();
      a(head).setTo(0);
      b(head).setTo(0);
      EXPECT_TRUE(same_pixels(a, b)) << names;
    }
  }
}

TEST(SyntheticFaceTest, AClassIsShownInMoreThanOneWay) {
  for (const std::string& emotion : canonical_classes()) {
    EXPECT_GT(
        mean_difference(render_face(showing(emotion, 1), kSmall), render_face(showing(emotion, 2), kSmall)),
        0)
        << emotion;
  }
}

TEST(SyntheticFaceTest, TurningRightMirrorsTurningLeft) {
  SyntheticFace face = plain_face();
  face.scene.azimuth = 0;
  for (const float yaw : {45.0F, 90.0F}) {
    face.pose.yaw = face.pose.body_yaw = yaw;
    const cv::Mat right = render_face(face, kSmall);
    face.pose.yaw = face.pose.body_yaw = -yaw;
    const cv::Mat left = render_face(face, kSmall);
    EXPECT_LT(mean_difference(right, mirrored(left)), 0.4 * mean_difference(right, left)) << yaw;
  }
}

TEST(SyntheticFaceTest, TheNosePointsWhereTheHeadTurns) {
  SyntheticFace face = plain_face(false, 2);
  const cv::Mat wall = render_background(face.scene, kSmall);
  const auto reach = [&](float yaw) {  // leftmost and rightmost column the head covers at the nose
    face.pose.yaw = yaw;
    cv::Mat changed;
    cv::absdiff(render_face(face, kSmall), wall, changed);
    cv::cvtColor(changed, changed, cv::COLOR_RGB2GRAY);
    const cv::Mat row = changed.row(cvRound(kSmall.height * (0.46 + 4.0 / 37))) > 12;
    std::vector<cv::Point> covered;
    cv::findNonZero(row, covered);
    return std::pair(covered.front().x, covered.back().x);
  };
  const int middle = kSmall.width / 2;
  const auto [left_of_left, right_of_left] = reach(-90);
  const auto [left_of_right, right_of_right] = reach(90);
  EXPECT_GT(middle - left_of_left, right_of_left - middle);
  EXPECT_LT(middle - left_of_right, right_of_right - middle);
}

TEST(SyntheticFaceTest, TheMainLightBrightensItsSide) {
  SyntheticFace face = plain_face(false, 2);
  face.scene.contrast = 0.6F;
  const auto balance = [&](float azimuth) {
    face.scene.azimuth = azimuth;
    const cv::Mat image = render_face(face, kSmall);
    const cv::Rect left(60, 90, 20, 40);
    const cv::Rect right(88, 90, 20, 40);
    return cv::mean(image(right))[1] - cv::mean(image(left))[1];
  };
  EXPECT_GT(balance(50), 5);
  EXPECT_LT(balance(-50), -5);
}

TEST(SyntheticExpressionTest, StrengthScalesTheClassAndNeutralIsNearRest) {
  Rng rng(3);
  const auto strong = synthetic_expression("surprise", 1, rng);
  const auto weak = synthetic_expression("surprise", 0.2, rng);
  const auto neutral = synthetic_expression("neutral", 1, rng);
  EXPECT_GT(strong[FaceAction::jaw_drop], 0.4F);
  EXPECT_LT(weak[FaceAction::jaw_drop], strong[FaceAction::jaw_drop]);
  for (const float intensity : neutral.intensity) EXPECT_LT(intensity, 0.25F);
}

TEST(SyntheticExpressionTest, IntensitiesStayWithinTheirRange) {
  for (const std::string& emotion : canonical_classes()) {
    for (std::uint64_t draw = 0; draw < 50; ++draw) {
      Rng rng(draw);
      for (const float intensity : synthetic_expression(emotion, 1, rng).intensity) {
        ASSERT_GE(intensity, 0) << emotion;
        ASSERT_LE(intensity, 1) << emotion;
      }
    }
  }
}

TEST(SyntheticExpressionTest, BlendRunsFromTheFirstFaceToTheSecond) {
  Rng rng(4);
  const auto sad = synthetic_expression("sad", 1, rng);
  const auto happy = synthetic_expression("happy", 1, rng);
  EXPECT_EQ(blend(sad, happy, 0).intensity, sad.intensity);
  EXPECT_EQ(blend(sad, happy, 1).intensity, happy.intensity);
  const float half = blend(sad, happy, 0.5F)[FaceAction::lip_corner_pull];
  EXPECT_GT(half, sad[FaceAction::lip_corner_pull]);
  EXPECT_LT(half, happy[FaceAction::lip_corner_pull]);
}

TEST(SyntheticExpressionTest, AnUnknownClassIsRefusedWithTheNearestName) {
  Rng rng(5);
  EXPECT_THAT(test::error_text(ErrorKind::usage, [&] { return synthetic_expression("hapy", 1, rng); }),
              HasSubstr("did you mean 'happy'?"));
}

}  // namespace
}  // namespace fer
