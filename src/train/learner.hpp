#pragma once

#include <torch/optim/optimizer.h>

#include <memory>

#include "fer/config/experiment.hpp"
#include "fer/data/batch_loader.hpp"
#include "fer/model/classifier.hpp"
#include "fer/train/training_data.hpp"

namespace fer {

/// The crops of one part of the data, for a BatchLoader to go through.
struct PartCrops {
  std::vector<std::size_t> samples;  // positions in the data set
  std::vector<cv::Mat> crops;
  std::vector<int> labels;
};

PartCrops part_crops(const TrainingData& data, Part part);

/// The optimiser of a stage over what learns in it; no weight decay on norms and biases.
std::unique_ptr<torch::optim::Optimizer> make_optimizer(const Classifier& classifier,
                                                        const OptimizerConfig& config, double lr);

void set_learning_rate(torch::optim::Optimizer& optimizer, double lr);

/// Logits of every crop, in order, in evaluation mode; leaves the classifier's mode as it was.
std::vector<std::vector<float>> predict_logits(Classifier& classifier, const PartCrops& part,
                                               const Preprocessing& preprocessing, int batch_size);

/// A batch as the classifier takes it.
struct TensorBatch {
  at::Tensor images;
  at::Tensor labels;
};

TensorBatch tensors_of(const Batch& batch, const Preprocessing& preprocessing, c10::Device device);

}  // namespace fer
