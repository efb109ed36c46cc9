#!/usr/bin/env python3
"""The predictor beside ONNX Runtime and OpenVINO: MobileNetV2 at 224x224, in turns on one machine.

    VENV/bin/python bench/predict_vs_runtimes.py [--quick] [--write-table] [--json FILE]

VENV is an environment with the packages in PACKAGES. bench/README.md says how to read the table.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import common
from common import CLASSES, REPOSITORY, SIZE, Failure, say

PACKAGES = ("onnxruntime", "openvino", "onnx", "numpy")
RUNTIMES = PACKAGES[:2]
PRECISIONS = ("fp32", "bf16", "int8")
BATCHES = (1, 32)
# Rows of the published table: expansion, channels, repetitions, stride (Sandler et al. 2018).
BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
TABLE_BEGIN, TABLE_END = "<!-- predict_vs_runtimes: table -->", "<!-- predict_vs_runtimes: end -->"


# ---- The network as ONNX, with random weights -----------------------------------------------------------------------


class Network:
    """Folded convolutions, as an exported model has them."""

    def __init__(self):
        import numpy

        self.random = numpy.random.default_rng(0)
        self.nodes, self.weights, self.count = [], [], 0

    def constant(self, values):
        from onnx import numpy_helper

        self.count += 1
        name = f"w{self.count}"
        self.weights.append(numpy_helper.from_array(values.astype("float32"), name))
        return name

    def node(self, kind, inputs, **attributes):
        from onnx import helper

        self.count += 1
        name = f"x{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def noise(self, *shape):
        fan_in = 1
        for side in shape[1:]:
            fan_in *= side
        return self.constant(self.random.standard_normal(shape) * (2 / fan_in) ** 0.5)

    def conv(self, x, channels, kernel, stride=1, groups=1, relu6=True):
        inputs, outputs = channels
        weight = self.noise(outputs, inputs // groups, kernel, kernel)
        bias = self.constant(self.random.standard_normal(outputs) * 0.01)
        x = self.node("Conv", [x, weight, bias], kernel_shape=[kernel] * 2, strides=[stride] * 2, group=groups,
                      pads=[kernel // 2] * 4)
        return self.node("Clip", [x, *self.limits]) if relu6 else x

    def block(self, x, channels, expansion, stride):
        inputs, outputs = channels
        hidden = inputs * expansion
        y = self.conv(x, (inputs, hidden), 1) if expansion > 1 else x
        y = self.conv(y, (hidden, hidden), 3, stride, hidden)
        y = self.conv(y, (hidden, outputs), 1, relu6=False)
        return self.node("Add", [x, y]) if stride == 1 and inputs == outputs else y

    def write(self, path):
        import numpy
        import onnx
        from onnx import TensorProto, helper

        self.limits = [self.constant(numpy.array(0)), self.constant(numpy.array(6))]
        x, width = self.conv("image", (3, 32), 3, 2), 32
        for expansion, channels, repetitions, stride in BLOCKS:
            for i in range(repetitions):
                x = self.block(x, (width, channels), expansion, stride if i == 0 else 1)
                width = channels
        x = self.node("Flatten", [self.node("GlobalAveragePool", [self.conv(x, (width, 1280), 1)])])
        x = self.node("Gemm", [x, self.noise(CLASSES, 1280), self.constant(numpy.zeros(CLASSES))], transB=1)
        graph = helper.make_graph(
            self.nodes, "mobilenet_v2",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIZE, SIZE])],
            [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["batch", CLASSES])], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def quantise(source, target):
    """As ONNX Runtime advises for x86: bytes without a sign for maps, steps by channel; calibrated on noise."""
    import logging

    import numpy
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Noise(CalibrationDataReader):
        def __init__(self):
            random = numpy.random.default_rng(2)
            self.batches = iter([{input_name(source): random.standard_normal((4, 3, SIZE, SIZE)).astype("float32")}])

        def get_next(self):
            return next(self.batches, None)

    logging.disable(logging.WARNING)  # advice for models with parts that are not folded
    quantize_static(str(source), str(target), Noise(), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


def input_name(path):
    import onnx

    return onnx.load(path, load_external_data=False).graph.input[0].name


def onnx_files(args, folder):
    """The network and the same in int8."""
    plain, int8 = args.onnx, args.onnx_int8
    if plain is None:
        plain = folder / "mobilenet_v2.onnx"
        if args.model:
            common.prepare(args.fer_bench.with_name("fer-export"), args.model, "-o", plain)
        else:
            Network().write(plain)
    if int8 is None:
        int8 = folder / "mobilenet_v2-int8.onnx"
        quantise(plain, int8)
    return {"fp32": plain, "bf16": plain, "int8": int8}


# ---- A runtime, in a process of its own -----------------------------------------------------------------------------


def onnxruntime_call(file, threads, precision, images):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: images})


def openvino_call(file, threads, precision, images):
    import openvino

    core = openvino.Core()
    model = core.read_model(file)
    model.reshape(list(images.shape))
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
    if precision != "int8":  # there it is for what is not quantised, and OpenVINO knows best
        settings["INFERENCE_PRECISION_HINT"] = {"fp32": "f32", "bf16": "bf16"}[precision]
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    return lambda: request.infer([images], share_inputs=True)


def runtime_loop(args):
    """Prints the median milliseconds of a batch as JSON."""
    import numpy

    images = numpy.random.default_rng(1).standard_normal((args.batch, 3, SIZE, SIZE)).astype("float32")
    make = {"onnxruntime": onnxruntime_call, "openvino": openvino_call}[args.worker]
    call = make(str(args.onnx), args.threads, args.precision, images)
    call()
    seconds, begin = [], time.perf_counter()
    least_seconds, least_calls = (0.2, 3) if args.quick else (2, 15)  # as in fer-bench device
    while len(seconds) < least_calls or time.perf_counter() - begin < least_seconds:
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"ms": 1e3 * sorted(seconds)[len(seconds) // 2]}))


# ---- The rounds -----------------------------------------------------------------------------------------------------


def ours_ms(args, threads, precision, batch):
    """Milliseconds, or why there are none."""
    with tempfile.TemporaryDirectory(prefix="bench-predict-") as folder:
        out = Path(folder) / "device.json"
        command = [args.fer_bench, "device", "--precision", precision, "--batch", batch, "--threads", threads,
                   "--device", "cpu", "--size", SIZE, "--no-video", "--no-start-up", "-q", "--json", out]
        if args.model:
            command += ["-m", args.model]
        common.run(command + ["--quick"] * args.quick, threads)
        rate = json.loads(out.read_text())["rates"][0]
    return rate.get("ms", rate.get("not_supported"))


def runtime_ms(args, runtime, threads, precision, batch):
    if precision == "bf16" and runtime == "onnxruntime":
        return "no bf16 convolutions on a CPU"
    command = [sys.executable, Path(__file__).resolve(), "--worker", runtime, "--threads", threads, "--precision",
               precision, "--batch", batch, "--onnx", args.files[precision]]
    return json.loads(common.run(command + ["--quick"] * args.quick, threads).out)["ms"]


def case_rounds(args, threads, precision, batch):
    """Each one's milliseconds over the rounds, or why there are none; ours, then the runtimes, and again."""
    case = {"threads": threads, "precision": precision, "batch": batch, "ms": {}, "missing": {}}
    for _ in range(args.rounds):
        for name in ("ours", *RUNTIMES):
            if name in case["missing"]:
                continue
            ms = (ours_ms(args, threads, precision, batch) if name == "ours"
                  else runtime_ms(args, name, threads, precision, batch))
            if isinstance(ms, str):
                case["missing"][name] = ms
            else:
                case["ms"].setdefault(name, []).append(ms)
    return case


def benchmark(args):
    with tempfile.TemporaryDirectory(prefix="bench-onnx-") as folder:
        args.files = onnx_files(args, Path(folder))
        cases = []
        for threads in args.threads:
            for precision in PRECISIONS:
                for batch in BATCHES:
                    say(f"{threads} threads, {precision}, batch {batch}")
                    cases.append(case_rounds(args, threads, precision, batch))
    return {"processor": common.processor(), "cores": len(os.sched_getaffinity(0)), "rounds": args.rounds,
            "load": os.getloadavg()[0], "versions": {name: importlib.metadata.version(name) for name in RUNTIMES},
            "cases": cases}


# ---- The table ------------------------------------------------------------------------------------------------------


def spread(values, digits=1):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def time_of(case, name):
    return spread(case["ms"][name]) if name in case["ms"] else case["missing"][name]


def ratio_of(case, name):
    """Of the medians, between which bounds those of the rounds lie, and of the fastest; above 1, ours is faster."""
    if "ours" not in case["ms"] or name not in case["ms"]:
        return "-"
    ours, theirs = case["ms"]["ours"], case["ms"][name]
    rounds = [b / a for a, b in zip(ours, theirs)]
    return (f"{statistics.median(theirs) / statistics.median(ours):.2f} ({min(rounds):.2f} to {max(rounds):.2f}), "
            f"at best {min(theirs) / min(ours):.2f}")


def table(report):
    names = {name: f"{name} {version}" for name, version in report["versions"].items()}
    lines = [f"{report['processor']}, {report['cores']} cores, {report['rounds']} rounds, load at the end "
             f"{report['load']:.1f}; milliseconds of a batch", "",
             "| threads | precision | batch | ours | " + " | ".join(names[name] for name in RUNTIMES) + " | "
             + " | ".join(f"{name} / ours" for name in RUNTIMES) + " |",
             "|---:|:---|---:|" + "---:|" * (1 + 2 * len(RUNTIMES))]
    for case in report["cases"]:
        cells = [case["threads"], case["precision"], case["batch"],
                 *(time_of(case, name) for name in ("ours", *RUNTIMES)), *(ratio_of(case, name) for name in RUNTIMES)]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def write_table(text):
    """Puts it in the place of the one that bench/README.md has."""
    path = REPOSITORY / "bench/README.md"
    before, begin, rest = path.read_text().partition(TABLE_BEGIN)
    _, end, after = rest.partition(TABLE_END)
    if not begin or not end:
        raise Failure(f"{path} has no place for the table: {TABLE_BEGIN} ... {TABLE_END}")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}")


def has_package(name):
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def measured(args):
    if not os.access(args.fer_bench, os.X_OK):
        raise Failure(f"{args.fer_bench} is missing: cmake --build build --target fer-bench, or name it with --fer-bench")
    missing = [name for name in PACKAGES if not has_package(name)]
    if missing:
        raise Failure(f"{sys.executable} has no {', '.join(missing)}: pip install {' '.join(PACKAGES)}")
    report = benchmark(args)
    if args.write_table:
        write_table(table(report))
    return report


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fer-bench", type=Path, default=REPOSITORY / "build/bin/fer-bench", metavar="PROGRAM")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, help="(default: 5, with --quick 1)")
    parser.add_argument("-m", "--model", type=Path, metavar="FILE",
                        help=f"a checkpoint for images of {SIZE}x{SIZE} (default: MobileNetV2 with random weights)")
    parser.add_argument("--onnx", type=Path, metavar="FILE", help="the same as ONNX (default: fer-export writes it)")
    parser.add_argument("--onnx-int8", type=Path, metavar="FILE",
                        help="the same quantised (default: ONNX Runtime does it)")
    parser.add_argument("--write-table", action="store_true", help="put the table into bench/README.md")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures, too")
    parser.add_argument("--quick", action="store_true", help="short turns: does it run? One round means little")
    parser.add_argument("--worker", choices=RUNTIMES, help=argparse.SUPPRESS)
    parser.add_argument("--precision", choices=PRECISIONS, help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.rounds = args.rounds or (1 if args.quick else 5)
    return args


if __name__ == "__main__":
    arguments = parse_arguments()
    if arguments.worker:
        arguments.threads = arguments.threads[0]
        runtime_loop(arguments)
    else:
        common.main(arguments, measured, table)
