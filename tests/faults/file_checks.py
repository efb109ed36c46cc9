"""Whether a result file is whole, told from its own structure; nothing but the standard library is needed."""

import csv
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree


def png(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, kind = 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind = data[at + 4 : at + 8]
        body = data[at + 4 : at + 8 + length]
        assert struct.pack(">I", zlib.crc32(body)) == data[at + 8 + length : at + 12 + length], "checksum"
        at += 12 + length
    assert kind == b"IEND", "no end"


def jpeg(data):
    assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9", "no whole JPEG"


def mp4(data):
    at, kinds = 0, set()
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        size = struct.unpack(">Q", data[at + 8 : at + 16])[0] if size == 1 else size
        assert size >= 8 and at + size <= len(data), f"box {kind} ends beyond the file"
        kinds.add(kind)
        at += size
    assert {b"ftyp", b"moov", b"mdat"} <= kinds, "boxes are missing"


def safetensors(data):
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    assert max(ends, default=0) == len(data) - 8 - length, "tensors and file differ in size"


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def protobuf(data):
    at, fields = 0, set()
    while at < len(data):
        key, at = varint(data, at)
        fields.add(key >> 3)
        if key & 7 == 0:
            _, at = varint(data, at)
        else:
            assert key & 7 == 2, "no ONNX"
            length, at = varint(data, at)
            at += length
    assert at == len(data) and 7 in fields, "the graph is not whole"


def table(data):
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert data.endswith(b"\n") and rows, "the last row is not whole"
    assert len({len(row) for row in rows}) == 1, "rows of different lengths"


def events(data):
    """Records of TensorBoard; the last one may be cut short."""
    at = 0
    while at + 12 <= len(data):
        (length,) = struct.unpack("<Q", data[at : at + 8])
        at += 16 + length
    assert data[:12], "empty"


def lines(data):
    assert data.endswith(b"\n"), "the last line is not whole"
    data.decode()


def page(data):
    assert data.rstrip().endswith(b"</html>"), "no end"


def crops(data):
    assert len(data) > 64 and set(data[-64:]) <= set(b"0123456789abcdef"), "no checksum at the end"


KINDS = {
    ".png": png,
    ".jpg": jpeg,
    ".mp4": mp4,
    ".safetensors": safetensors,
    ".onnx": protobuf,
    ".pth": lambda data: zipfile.ZipFile(io.BytesIO(data)).testzip() and 1 / 0,
    ".json": json.loads,
    ".csv": table,
    ".svg": ElementTree.fromstring,
    ".eaf": ElementTree.fromstring,
    ".html": page,
    ".fer": events,
    ".crops": crops,
    ".log": bytes.decode,
    ".err": bytes.decode,
    ".out": bytes.decode,
    ".TextGrid": lines,
    ".yaml": lines,
    ".txt": lines,
    ".md": lines,
    ".tex": lines,
}


def fault_in(path):
    """What is wrong with the file, or None."""
    if path.name == "lock":
        return None
    check = KINDS.get(Path(path.name.lower() if path.suffix == ".JPG" else path.name).suffix)
    if check is None:
        return "a file of no known kind"
    try:
        check(path.read_bytes())
        return None
    except Exception as error:  # whatever a parser says of a broken file
        return f"{type(error).__name__}: {error}"
