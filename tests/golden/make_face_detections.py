#!/usr/bin/env python3
"""Writes face_detections.json beside itself: what the detectors' own Python code finds in the shared pictures.

    python3.11 -m venv /tmp/venv
    /tmp/venv/bin/pip install torch==2.13.0+cpu --extra-index-url https://download.pytorch.org/whl/cpu
    /tmp/venv/bin/pip install opencv-python-headless==4.14.0.94 numpy==2.4.6 pillow requests tqdm
    /tmp/venv/bin/pip install --no-deps facenet-pytorch==2.6.0 face-alignment==1.5.0
    /tmp/venv/bin/python tests/golden/make_face_detections.py [--shared DIR]

MTCNN is facenet-pytorch's; BlazeFace is hollance/BlazeFace-PyTorch's network, decoding and weighted suppression as
face-alignment carries them; YuNet is OpenCV's FaceDetectorYN. They are called, not rewritten, with one exception:
facenet-pytorch takes batched_nms from torchvision, whose compiled part does not load beside a PyTorch for the CPU.
stand_in_for_torchvision() puts OpenCV's suppression in its place: highest score first, of equal scores the first, and
what overlaps a kept box by an IoU above the threshold goes. That is torchvision's rule, and its detour too: boxes of
different images are moved apart by an offset.

Faces stand in the order in which upstream gives them: MTCNN's by area, the others' by score. Landmarks are reordered
where they have to be, left and right as seen in the image.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import sys
import tarfile
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

OUTPUT = Path(__file__).resolve().with_name("face_detections.json")
SHARED = OUTPUT.parents[3] / "shared"
TAR = "muxspace-photos.tar"
PHOTOS = 40
SMALLEST_PHOTO = 64  # pixels of the shorter side
PACKAGES = ("torch", "facenet-pytorch", "face-alignment", "opencv-python-headless", "numpy")
ABOUT = ("What facenet-pytorch's MTCNN, face-alignment's copy of BlazeFace-PyTorch and OpenCV's FaceDetectorYN find in "
         "../shared/images, in photos of ../shared/data/muxspace-photos.tar and in two blank pictures, written by "
         "make_face_detections.py; boxes are x, y, width, height in pixels, landmarks are named in each detector's "
         "settings, left and right as seen in the image.")
FIVE_POINTS = ["left eye", "right eye", "nose", "left mouth corner", "right mouth corner"]
SIX_POINTS = ["left eye", "right eye", "nose", "mouth", "left ear", "right ear"]


@dataclass
class Face:
    box: list  # x, y, width, height in pixels
    score: float
    landmarks: list  # of [x, y]


@dataclass
class Detector:
    settings: dict
    find: Callable  # the faces of an image
    channels: str = "rgb"  # that find() wants


# ---- The detectors, also for bench/detectors_vs_upstream.py ---------------------------------------------------------


def batched_nms(boxes, scores, images, threshold):
    if boxes.numel() == 0:
        return torch.empty(0, dtype=torch.int64)
    apart = boxes + (images.to(boxes) * (boxes.max() + 1))[:, None]
    corners = apart.double().numpy()
    sized = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    return torch.as_tensor(np.asarray(cv2.dnn.NMSBoxes(sized, scores.numpy(), 0, threshold)), dtype=torch.int64)


def stand_in_for_torchvision():
    names = ["torchvision", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.ops",
             "torchvision.ops.boxes"]
    for name in names:
        sys.modules[name] = types.ModuleType(name)
    for name in names[1:]:
        parent, _, child = name.rpartition(".")
        setattr(sys.modules[parent], child, sys.modules[name])
    sys.modules["torchvision.ops.boxes"].batched_nms = batched_nms


def mtcnn(models, min_face=20):
    """With the networks that come with facenet-pytorch: they are those in `models`, byte by byte."""
    stand_in_for_torchvision()
    from facenet_pytorch import MTCNN

    network = MTCNN(keep_all=True, min_face_size=min_face, device="cpu")

    def find(rgb):
        boxes, scores, landmarks = network.detect(rgb, landmarks=True)
        if boxes is None:
            return []
        return [Face([x, y, right - x, bottom - y], score, points.tolist())
                for (x, y, right, bottom), score, points in zip(boxes, scores, landmarks)]

    return Detector({"min_face": min_face, "thresholds": network.thresholds, "factor": network.factor,
                     "landmarks": FIVE_POINTS}, find)


def blazeface_class():
    """From its file alone: importing the package would ask for all that face-alignment needs besides."""
    package = Path(importlib.util.find_spec("face_alignment").origin).parent
    spec = importlib.util.spec_from_file_location("net_blazeface", package / "detection/blazeface/net_blazeface.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.BlazeFace


def blazeface(models, back=False):
    """The image is padded with 0 at the right and the bottom to a square and resized to the network's input."""
    network = blazeface_class()(back_model=back)
    network.load_weights(models / "blazeface" / ("blazefaceback.pth" if back else "blazeface.pth"))
    network.load_anchors(models / "blazeface" / ("anchorsback.npy" if back else "anchors.npy"))
    size = int(network.x_scale)

    def find(rgb):
        height, width = rgb.shape[:2]
        side = max(width, height)
        square = cv2.copyMakeBorder(rgb, 0, side - height, 0, side - width, cv2.BORDER_CONSTANT)
        method = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
        found = network.predict_on_image(cv2.resize(square, (size, size), interpolation=method)).double()
        faces = []
        for top, left, bottom, right, *points, score in found.tolist():
            box = [side * value for value in (left, top, right - left, bottom - top)]
            faces.append(Face(box, score, (side * np.reshape(points, (6, 2))).tolist()))
        return faces

    return Detector({"input": size, "min_score": network.min_score_thresh,
                     "max_overlap": network.min_suppression_threshold, "landmarks": SIX_POINTS}, find)


def yunet(models):
    name = "yunet_n_640_640.onnx"
    settings = {"min_score": 0.6, "max_overlap": 0.3, "top_k": 5000}
    network = cv2.FaceDetectorYN.create(str(models / "yunet" / name), "", (320, 320), *settings.values())

    def find(bgr):
        network.setInputSize(bgr.shape[1::-1])
        _, found = network.detect(bgr)
        return [] if found is None else [Face(row[:4], row[14], row[4:14].reshape(5, 2).tolist()) for row in found]

    return Detector({"file": name, "input": "the image's size"} | settings | {"landmarks": FIVE_POINTS}, find, "bgr")


# ---- The images -----------------------------------------------------------------------------------------------------


def shared_images(shared):
    """{name: BGR image}: the pictures, photos spread evenly over the sorted members, and two blank ones.

    Tiny photos make way for the next one: on them FaceDetectorYN's answer changes from process to process, and
    MTCNN's scores tie, so that its choice is up to numpy's unstable sort.
    """
    images = {f"images/{path.name}": cv2.imread(str(path)) for path in sorted((shared / "images").iterdir())}
    with tarfile.open(shared / "data" / TAR) as tar:
        members = sorted(name for name in tar.getnames() if name.endswith(".jpg"))
        for i in range(PHOTOS):
            for member in members[i * len(members) // PHOTOS:]:
                photo = cv2.imdecode(np.frombuffer(tar.extractfile(member).read(), np.uint8), cv2.IMREAD_COLOR)
                if min(photo.shape[:2]) >= SMALLEST_PHOTO:
                    images[f"{TAR}/{member}"] = photo
                    break
    images["black 64x48"] = np.zeros((48, 64, 3), np.uint8)
    images["grey 1x1"] = np.full((1, 1, 3), 128, np.uint8)
    return images


# ---- The file -------------------------------------------------------------------------------------------------------


def try_all(detector, images):
    found = {}
    for name, bgr in images.items():
        image = bgr if detector.channels == "bgr" else cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        try:
            found[name] = detector.find(image)
        except (RuntimeError, ValueError, cv2.error) as error:
            print(f"  left out {name}: {str(error).splitlines()[0]}", file=sys.stderr)
    return found


def rounded(values):
    return [round(float(value), 3) for value in values]


def face_text(face):
    return json.dumps({"box": rounded(face.box), "score": round(float(face.score), 5),
                       "landmarks": [rounded(point) for point in face.landmarks]}, separators=(",", ":"))


def image_text(name, bgr, faces):
    lines = "".join(f"\n{face_text(face)}," for face in faces).rstrip(",")
    return f'{json.dumps(name)}: {{"size": {list(bgr.shape[1::-1])}, "faces": [{lines}]}}'


def detector_text(name, detector, images):
    print(name, file=sys.stderr)
    found = try_all(detector, images)
    for image, faces in found.items():
        print(f"  {len(faces)} in {image}", file=sys.stderr)
    body = ",\n".join(image_text(image, images[image], faces) for image, faces in found.items())
    return f'{json.dumps(name)}: {{"settings": {json.dumps(detector.settings)}, "images": {{\n{body}}}}}'


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shared", type=Path, default=SHARED, help="(default: beside the repository)")
    shared = parser.parse_args().shared
    models = shared / "models"
    detectors = {"mtcnn": mtcnn(models), "blazeface": blazeface(models),
                 "blazeface_back": blazeface(models, back=True), "yunet": yunet(models)}
    images = shared_images(shared)
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    body = ",\n".join(detector_text(name, detector, images) for name, detector in detectors.items())
    OUTPUT.write_text(f'{{"about": {json.dumps(ABOUT)},\n"versions": {json.dumps(versions)},\n'
                      f'"detectors": {{\n{body}}}}}\n')


if __name__ == "__main__":
    main()
