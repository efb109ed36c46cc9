#include "fer/vision/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "fer/core/files.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::string encode(const std::string& extension, const cv::Mat& bgr) {
  std::vector<unsigned char> bytes;
  EXPECT_TRUE(cv::imencode(extension, bgr, bytes));
  return {bytes.begin(), bytes.end()};
}

std::string decode_error(const std::string& bytes) {
  return test::error_text(ErrorKind::data, [&] { return decode_image(bytes, "face.jpg"); });
}

/// A JPEG, 32 x 16, red on the left and blue on the right, that says it was taken with the camera turned.
std::string jpeg_with_orientation(char orientation) {
  cv::Mat bgr(16, 32, CV_8UC3, cv::Scalar(0, 0, 255));
  bgr.colRange(16, 32).setTo(cv::Scalar(255, 0, 0));
  const std::string jpeg = encode(".jpg", bgr);
  using namespace std::string_literals;
  const std::string exif =
      "Exif\0\0"s                      // then a big-endian TIFF header, its only folder at byte 8
      "MM\0\x2a\0\0\0\x08"s            //
      "\0\x01"s                        // one entry:
      "\x01\x12\0\x03\0\0\0\x01\0"s +  // tag 0x112 Orientation, one 16-bit number
      orientation +
      "\0\0"s + "\0\0\0\0"s;  // its value, padded; no further folder
  const auto length = static_cast<char>(exif.size() + 2);
  return jpeg.substr(0, 2) + "\xff\xe1\0"s + length + exif + jpeg.substr(2);
}

TEST(ReadImageTest, ColoursAreRgb) {
  const test::TempFolder folder;
  cv::Mat bgr(2, 3, CV_8UC3, cv::Scalar(10, 20, 200));
  const cv::Mat rgb = read_image(folder.write("a.png", encode(".png", bgr)));
  EXPECT_EQ(rgb.type(), CV_8UC3);
  EXPECT_EQ(rgb.size(), cv::Size(3, 2));
  EXPECT_EQ(rgb.at<cv::Vec3b>(1, 2), cv::Vec3b(200, 20, 10));
}

TEST(ReadImageTest, GreyBecomesThreeEqualChannels) {
  cv::Mat grey(4, 5, CV_8U, cv::Scalar(77));
  grey.at<std::uint8_t>(1, 2) = 200;
  const cv::Mat rgb = decode_image(encode(".png", grey), "grey");
  EXPECT_EQ(rgb.type(), CV_8UC3);
  EXPECT_EQ(rgb.at<cv::Vec3b>(0, 0), cv::Vec3b(77, 77, 77));
  EXPECT_EQ(rgb.at<cv::Vec3b>(1, 2), cv::Vec3b(200, 200, 200));
}

TEST(ReadImageTest, AlphaIsDropped) {
  const cv::Mat bgra(4, 5, CV_8UC4, cv::Scalar(10, 20, 30, 128));
  const cv::Mat rgb = decode_image(encode(".png", bgra), "alpha");
  EXPECT_EQ(rgb.type(), CV_8UC3);
  EXPECT_EQ(rgb.at<cv::Vec3b>(3, 4), cv::Vec3b(30, 20, 10));
}

TEST(ReadImageTest, SixteenBitsBecomeEight) {
  const cv::Mat grey(4, 5, CV_16U, cv::Scalar(200 * 256 + 17));
  const cv::Mat rgb = decode_image(encode(".png", grey), "16 bits");
  EXPECT_EQ(rgb.type(), CV_8UC3);
  EXPECT_EQ(rgb.at<cv::Vec3b>(0, 0), cv::Vec3b(200, 200, 200));
  const cv::Mat colour(4, 5, CV_16UC3, cv::Scalar(10 * 256, 20 * 256, 30 * 256));
  EXPECT_EQ(decode_image(encode(".png", colour), "48 bits").at<cv::Vec3b>(0, 0), cv::Vec3b(30, 20, 10));
}

TEST(ReadImageTest, OnePixel) {
  const cv::Mat bgr(1, 1, CV_8UC3, cv::Scalar(1, 2, 3));
  const cv::Mat rgb = decode_image(encode(".png", bgr), "pixel");
  ASSERT_EQ(rgb.size(), cv::Size(1, 1));
  EXPECT_EQ(rgb.at<cv::Vec3b>(0, 0), cv::Vec3b(3, 2, 1));
}

TEST(ReadImageTest, TheCamerasOrientationIsApplied) {
  const auto is_red = [](const cv::Vec3b& pixel) { return pixel[0] > 200 && pixel[2] < 60; };
  const cv::Mat plain = decode_image(jpeg_with_orientation(1), "upright");
  ASSERT_EQ(plain.size(), cv::Size(32, 16));
  EXPECT_TRUE(is_red(plain.at<cv::Vec3b>(8, 4)));
  EXPECT_FALSE(is_red(plain.at<cv::Vec3b>(8, 28)));

  const cv::Mat right = decode_image(jpeg_with_orientation(6), "to be turned right");
  ASSERT_EQ(right.size(), cv::Size(16, 32));
  EXPECT_TRUE(is_red(right.at<cv::Vec3b>(4, 8)));  // what was left is on top
  EXPECT_FALSE(is_red(right.at<cv::Vec3b>(28, 8)));

  const cv::Mat half = decode_image(jpeg_with_orientation(3), "upside down");
  ASSERT_EQ(half.size(), cv::Size(32, 16));
  EXPECT_FALSE(is_red(half.at<cv::Vec3b>(8, 4)));

  const test::TempFolder folder;
  EXPECT_EQ(read_image(folder.write("a.jpg", jpeg_with_orientation(8))).size(), cv::Size(16, 32));
}

TEST(ReadImageTest, AMissingFileAFolderAndAnEmptyFileAreDataErrorsThatNameThem) {
  const test::TempFolder folder;
  const auto text = [](const std::string& path) {
    return test::error_text(ErrorKind::data, [&] { return read_image(path); });
  };
  const std::string missing = folder.path() / "no.jpg";
  EXPECT_EQ(text(missing), missing + ": cannot read: No such file or directory");
  EXPECT_EQ(text(folder.path()), folder.path().string() + ": cannot read: Is a directory");
  const std::string empty = folder.write("empty.jpg", "");
  EXPECT_EQ(text(empty), empty + ": is empty (0 bytes), expected an image");
}

TEST(ReadImageTest, WhatIsNoImageIsADataError) {
  EXPECT_THAT(decode_error("hello"), StartsWith("face.jpg: cannot be decoded as an image"));
  EXPECT_THAT(decode_error(std::string(1000, '\0')), StartsWith("face.jpg: cannot be decoded as an image"));
  EXPECT_THAT(decode_error("\xff\xd8\xff\xe0"), StartsWith("face.jpg: cannot be decoded as an image"));
  EXPECT_THAT(decode_error("GIF89a"), StartsWith("face.jpg: cannot be decoded as an image"));
}

TEST(IsTruncatedTest, KnowsJpegAndPngFilesThatEndTooEarly) {
  for (const char* extension : {".jpg", ".png"}) {
    const std::string whole = encode(extension, test::noise_image({40, 30}));
    EXPECT_FALSE(is_truncated(whole)) << extension;
    EXPECT_FALSE(is_truncated(whole + "behind the end")) << extension;
    for (const std::size_t size : {whole.size() / 10, whole.size() / 2, whole.size() - 10})
      EXPECT_TRUE(is_truncated(whole.substr(0, size))) << extension << " " << size;
  }
}

/// A camera's preview lies in front of the picture and has an end of its own.
TEST(IsTruncatedTest, APreviewsEndIsNotThePictures) {
  const std::string whole = encode(".jpg", test::noise_image({40, 30}));
  const std::string preview = std::string("\xff\xe1\x00\x06", 4) + "\xff\xd8\xff\xd9";
  const std::string with_preview = whole.substr(0, 2) + preview + whole.substr(2);
  EXPECT_FALSE(is_truncated(with_preview));
  EXPECT_TRUE(is_truncated(with_preview.substr(0, with_preview.size() / 2)));
}

TEST(IsTruncatedTest, SaysNothingOfOtherFiles) {
  EXPECT_FALSE(is_truncated(""));
  EXPECT_FALSE(is_truncated("BM"));
  EXPECT_FALSE(is_truncated("a text"));
}

TEST(ReadImageTest, ATruncatedImageIsDecodedOrADataError) {
  for (const std::string extension : {".jpg", ".png", ".bmp", ".tiff", ".webp"}) {
    const std::string bytes = encode(extension, test::noise_image({40, 30}));
    for (std::size_t size = 1; size < bytes.size(); size += 1 + bytes.size() / 8) {
      try {
        const cv::Mat image = decode_image(bytes.substr(0, size), "cut");
        EXPECT_EQ(image.size(), cv::Size(40, 30)) << extension << " " << size;
        EXPECT_EQ(image.type(), CV_8UC3) << extension << " " << size;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::data);
        EXPECT_THAT(error.what(), StartsWith("cut: cannot be decoded as an image"));
      }
    }
  }
}

TEST(ReadImageTest, AHeaderThatClaimsAGiganticSizeIsADataError) {
  std::string png = encode(".png", cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(0)));
  png.replace(16, 8, std::string("\x7f\xff\xff\xff\x7f\xff\xff\xff"));
  EXPECT_THAT(decode_error(png), StartsWith("face.jpg: cannot be decoded as an image"));
  std::string pgm = "P5\n100000 100000\n255\nx";
  EXPECT_THAT(decode_error(pgm), StartsWith("face.jpg: cannot be decoded as an image"));
}

TEST(WriteImageTest, APngReadsBackAsTheSamePixels) {
  const test::TempFolder folder;
  const cv::Mat rgb = test::noise_image({20, 10});
  const cv::Mat before = rgb.clone();
  write_image(folder.path() / "a.png", rgb);
  EXPECT_TRUE(test::same_pixels(read_image(folder.path() / "a.png"), rgb));
  EXPECT_TRUE(test::same_pixels(rgb, before));
  EXPECT_THAT(folder.files(), ElementsAre("a.png"));
}

TEST(WriteImageTest, WritesGreyImagesAndViews) {
  const test::TempFolder folder;
  const cv::Mat rgb = test::noise_image({20, 10});
  const cv::Mat view = rgb(cv::Rect(3, 2, 8, 5));
  write_image(folder.path() / "view.png", view);
  EXPECT_TRUE(test::same_pixels(read_image(folder.path() / "view.png"), view));
  write_image(folder.path() / "grey.png", cv::Mat(3, 4, CV_8U, cv::Scalar(99)));
  EXPECT_EQ(read_image(folder.path() / "grey.png").at<cv::Vec3b>(2, 3), cv::Vec3b(99, 99, 99));
}

TEST(WriteImageTest, TheExtensionChoosesTheFormatInAnyCase) {
  const test::TempFolder folder;
  write_image(folder.path() / "a.JPG", test::noise_image({20, 10}));
  EXPECT_THAT(read_file(folder.path() / "a.JPG"), StartsWith("\xff\xd8\xff"));
  EXPECT_EQ(read_image(folder.path() / "a.JPG").size(), cv::Size(20, 10));
}

TEST(WriteImageTest, AnUnknownFormatIsAFailureAndLeavesNothing) {
  const test::TempFolder folder;
  for (const std::string name : {"a.xyz", "a"}) {
    const std::string path = folder.path() / name;
    const std::string extension = std::filesystem::path(name).extension();
    EXPECT_EQ(test::error_text(ErrorKind::failure,
                               [&] {
                                 write_image(path, test::noise_image({4, 4}));
                               }),
              path + ": cannot be written as '" + extension + "'");
  }
  const std::string path = folder.path() / "empty.png";
  EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { write_image(path, cv::Mat()); }),
            path + ": cannot be written as '.png'");
  EXPECT_THAT(folder.files(), IsEmpty());
}

TEST(WriteImageTest, AFolderThatIsMissingIsAFailureThatNamesTheFile) {
  const test::TempFolder folder;
  const std::string path = folder.path() / "no/a.png";
  EXPECT_EQ(test::error_text(ErrorKind::failure,
                             [&] {
                               write_image(path, test::noise_image({4, 4}));
                             }),
            path + ": cannot write: No such file or directory");
}

}  // namespace
}  // namespace fer
