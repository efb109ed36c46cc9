// A project that uses the libraries without LibTorch: prints how many classes an ONNX file has, and the sum
// of the probabilities it gives a grey picture.
#include <iostream>

#include "fer/engine/opencv_predictor.hpp"

int main(int, char** argv) {
  const auto predictor = fer::load_opencv_predictor(argv[1]);
  const fer::PredictorFacts& facts = predictor->facts();
  const cv::Mat grey(facts.preprocessing.size, facts.preprocessing.size, CV_8UC3, cv::Scalar::all(128));
  float sum = 0;
  const auto rows = predictor->predict({&grey, 1});
  for (const float probability : rows.front()) sum += probability;
  std::cout << facts.classes.size() << " classes, sum " << sum << '\n';
}
