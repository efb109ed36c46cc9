#pragma once

#include <vector>

#include "fer/config/loss_config.hpp"
#include "fer/core/labels.hpp"
#include "fer/model/layer_list.hpp"
#include "fer/vision/face_crop.hpp"

namespace fer {

/// Trained classifiers that another one learns from (Hinton et al. 2015). They see its own batches, augmented
/// and mixed as they are (Beyer et al. 2022).
class Teachers {
 public:
  /// Throws a data error for a checkpoint that cannot be read or has other classes than the student's.
  Teachers(const DistillConfig& config, const ClassList& classes, const Preprocessing& student,
           c10::Device device);

  bool empty() const { return teachers_.empty(); }

  /// The teachers' mean softmax(logits / temperature), [N,C] float, for images as the student takes them,
  /// brought to each teacher's size, normalisation and, where it has none, to no colour.
  at::Tensor answers(const at::Tensor& images, bool bf16) const;

  /// The mean cross-entropy between `answers` and the student's softmax(logits / temperature), times
  /// temperature^2, which keeps its gradients as large as the labels'.
  at::Tensor loss(const at::Tensor& logits, const at::Tensor& answers) const;

 private:
  struct Normalisation {
    at::Tensor mean;  // [1,3,1,1], of values 0..1
    at::Tensor std;
  };

  struct Teacher {
    LayerList layers;
    int size;   // of its images
    bool grey;  // whether they are without colour
    Normalisation normalisation;
  };

  static Normalisation normalisation_of(const Preprocessing& preprocessing, c10::Device device);

  at::Tensor images_for(const Teacher& teacher, const at::Tensor& images) const;

  double temperature_;
  Normalisation student_;
  std::vector<Teacher> teachers_;
};

}  // namespace fer
