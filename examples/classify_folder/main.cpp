// Prints path, expression and probability for each face in the images of a folder.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "fer/engine/onnx_file.hpp"
#include "fer/engine/opencv_predictor.hpp"
#include "fer/model/face_detectors.hpp"
#include "fer/model/predictor.hpp"
#include "fer/vision/image.hpp"

namespace {

/// `detector` is a name of face_detectors(); empty: the one the model was trained with.
void classify_folder(const std::filesystem::path& model, const std::filesystem::path& folder,
                     std::string detector) {
  const auto predictor =
      fer::is_onnx_file(model) ? fer::load_opencv_predictor(model) : fer::load_predictor(model);
  const fer::Preprocessing& preprocessing = predictor->facts().preprocessing;
  if (detector.empty()) detector = preprocessing.detector;
  const auto finder = fer::make_face_detector(detector, fer::detector_options(preprocessing));
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!fer::is_image_name(entry.path())) continue;
    const cv::Mat image = fer::read_image(entry.path());
    const auto faces = finder->detect(image);
    for (const std::size_t i : fer::choose_faces(faces, image.size(), preprocessing.target)) {
      const cv::Mat crop = fer::face_crop(image, faces[i], preprocessing);
      const auto row = predictor->predict({&crop, 1}).front();
      const auto label = static_cast<int>(std::ranges::max_element(row) - row.begin());
      std::cout << entry.path().string() << '\t' << predictor->facts().classes.name(label) << '\t'
                << row.at(label) << '\n';
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "usage: classify_folder MODEL FOLDER [DETECTOR]\n";
    return 2;
  }
  try {
    classify_folder(argv[1], argv[2], argc == 4 ? argv[3] : "");
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
}
