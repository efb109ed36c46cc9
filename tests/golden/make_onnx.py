#!/usr/bin/env python3
"""Writes onnx/*.onnx and onnx.json beside itself: small networks as fer-export writes them, and what ONNX's reference
evaluator says of one picture. Needs: pip install onnx numpy"""
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

HERE = pathlib.Path(__file__).parent
SIZE, CLASSES = 16, ["anger", "happiness", "neutral"]
MEAN, STD, TEMPERATURE = [0.5, 0.4, 0.3], [0.25, 0.2, 0.5], 2.0


def metadata():
    return {
        "format": "fer-checkpoint", "version": "5", "backbone": "mobilenet_v2", "width": "1",
        "classes": json.dumps(CLASSES),
        "preprocessing": json.dumps({
            "detector": "none", "min_face": 0.1, "min_score": 0, "target": "largest", "align": False, "square": True,
            "margin": 0, "size": SIZE, "grey": False, "mean": MEAN, "std": STD}),
        "calibration": json.dumps({"method": "temperature", "temperature": TEMPERATURE}),
        "class_prior": json.dumps([0.25, 0.5, 0.25]), "trained_on": "nothing: drawn weights", "epoch": "1"}


def network(classes, props, from_picture=False, to_probabilities=False, int8=False):
    draw = np.random.default_rng(1)
    tensor = lambda name, *shape: numpy_helper.from_array(draw.normal(size=shape).astype(np.float32), name)
    weights = [tensor("conv.weight", 4, 3, 3, 3), tensor("conv.bias", 4),
               tensor("head.weight", classes, 4), tensor("head.bias", classes),
               numpy_helper.from_array(np.float32(0), "least"), numpy_helper.from_array(np.float32(2), "most")]
    nodes = []
    if from_picture:
        mean, std = (255 * np.float32(values).reshape(1, 3, 1, 1) for values in (MEAN, STD))
        weights += [numpy_helper.from_array(mean, "mean"), numpy_helper.from_array(std, "std")]
        nodes += [helper.make_node("Cast", ["picture"], ["bytes"], to=TensorProto.FLOAT),
                  helper.make_node("Transpose", ["bytes"], ["planes"], perm=[0, 3, 1, 2]),
                  helper.make_node("Sub", ["planes", "mean"], ["centred"]),
                  helper.make_node("Div", ["centred", "std"], ["image"])]
    if int8:
        weights[0] = numpy_helper.from_array(np.ones((4, 3, 3, 3), np.int8), "conv.int8")
        weights.append(numpy_helper.from_array(np.full(4, 0.1, np.float32), "conv.steps"))
        nodes.append(helper.make_node("DequantizeLinear", ["conv.int8", "conv.steps"], ["conv.weight"], axis=0))
    nodes += [
        helper.make_node("Conv", ["image", "conv.weight", "conv.bias"], ["map"],
                         kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),  # OpenCV 4.6 wants the shape
        helper.make_node("Clip", ["map", "least", "most"], ["positive"]),
        helper.make_node("GlobalAveragePool", ["positive"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node("Gemm", ["features", "head.weight", "head.bias"], ["logits"], transB=1)]
    if to_probabilities:
        weights.append(numpy_helper.from_array(np.float32(TEMPERATURE), "temperature"))
        nodes += [helper.make_node("Div", ["logits", "temperature"], ["calibrated"]),
                  helper.make_node("Softmax", ["calibrated"], ["probabilities"], axis=1)]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, SIZE, SIZE])
    rgb = helper.make_tensor_value_info("picture", TensorProto.UINT8, ["N", SIZE, SIZE, 3])
    output = "probabilities" if to_probabilities else "logits"
    graph = helper.make_graph(nodes, "small", [rgb if from_picture else image],
                              [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", classes])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, props)
    onnx.checker.check_model(model)
    return model


def picture():
    """RGB bytes [size,size,3]: pixel (x, y) has 7x + 3y, 13y, 255 - 11x."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    return np.stack([7 * x + 3 * y, 13 * y, 255 - 11 * x], axis=-1).astype(np.uint8)


def main():
    folder = HERE / "onnx"
    folder.mkdir(exist_ok=True)
    model = network(len(CLASSES), metadata())
    onnx.save(model, folder / "small.onnx")
    onnx.save(network(len(CLASSES), {}), folder / "foreign.onnx")
    onnx.save(network(len(CLASSES) + 1, metadata()), folder / "four_answers.onnx")
    whole = network(len(CLASSES), metadata() | {"input": "rgb8", "output": "probabilities"}, True, True)
    onnx.save(whole, folder / "whole.onnx")
    onnx.save(network(len(CLASSES), metadata() | {"quantisation": "{}"}, int8=True), folder / "int8.onnx")
    probabilities, = ReferenceEvaluator(whole).run(None, {"picture": picture()[None]})
    image = (picture().astype(np.float64) / 255 - MEAN) / STD
    logits, = ReferenceEvaluator(model).run(None, {"image": image.transpose(2, 0, 1)[None].astype(np.float32)})
    text = json.dumps({"classes": CLASSES, "metadata": metadata(), "logits": logits[0].tolist(),
                       "probabilities": probabilities[0].tolist()}, indent=1)
    (HERE / "onnx.json").write_text(text + "\n")


main()
