#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "fer/vision/face_detector.hpp"

namespace fer {

/// `haar`, `yunet`, `mtcnn`, `blazeface`, `blazeface_back` and `none`: the one table behind help texts, error
/// lists and documents.
std::span<const FaceDetectorKind> face_detectors();

/// The row of that name; throws a usage error that lists the names for an unknown one.
const FaceDetectorKind& face_detector_kind(std::string_view name);

/// Throws a usage error for an unknown name, a data error for a model file that is missing or damaged.
std::unique_ptr<FaceDetector> make_face_detector(std::string_view name,
                                                 const FaceDetectorOptions& options = {});

/// YuNet (Wu, Peng, Yu 2023), the layout of 2023. Larger pictures are shrunk first, as far as the smallest
/// face allows. Making one throws a data error if its file is missing or no such network.
const FaceDetectorKind& yunet_detector();

/// MTCNN (Zhang et al. 2016) with the networks of facenet-pytorch: three passes over an image pyramid. Looks
/// for faces of 20 pixels and more. Making one throws a data error if a file is missing or
/// damaged.
const FaceDetectorKind& mtcnn_detector();

/// BlazeFace (Bazarevsky et al. 2019), MediaPipe's detector for faces within about two metres of the camera.
/// Making one throws a data error if its file is missing or damaged.
const FaceDetectorKind& blazeface_detector();

/// The same for a phone's back camera: twice the resolution, smaller faces.
const FaceDetectorKind& blazeface_back_detector();

}  // namespace fer
