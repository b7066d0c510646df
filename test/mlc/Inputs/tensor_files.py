"""Tensor files that cannot be read: what `mlc run` says of each, one line a file.

    tensor_files.py MLC MODEL FOLDER      MODEL has an input x
"""
import os
import struct
import subprocess
import sys

from onnx import TensorProto


def npy(header, data=bytes(32), version=1, length=None):
    text = header.encode("latin-1")
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H", len(text) if length is None else length) + text + data


def described(descr="'<f4'", order="False", shape="(1, 8)", rest=""):
    return npy(f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}{rest}}}\n")


def tensor(**fields):
    return TensorProto(**{"name": "t", "dims": [1, 8], "data_type": TensorProto.FLOAT, **fields}).SerializeToString()


FILES = {
    "no_magic.npy": b"x" * 40,
    "no_header.npy": b"\x93NUMPY\x01\x00\x10\x00",
    "short_header.npy": npy("{}", b"", length=100),
    "version_9.npy": npy("{}", version=9),
    "long_header.npy": b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**30) + bytes(32),
    "list.npy": npy("[]\n"),
    "open_quote.npy": npy("{'descr\n"),
    "no_quote.npy": npy("{descr: 1}\n"),
    "no_colon.npy": npy("{'descr' '<f4'}\n"),
    "records.npy": described("[('a', '<f4')]"),
    "dates.npy": described("'<M8[s]'"),
    "order.npy": described(order="Maybe"),
    "no_tuple.npy": described(shape="8"),
    "no_dimension.npy": described(shape="(a,)"),
    "no_comma.npy": described(shape="(1 8)"),
    "rank_65.npy": described(shape="(" + "1, " * 65 + ")"),
    "other_key.npy": described(rest=", 'colour': 1"),
    "no_end.npy": described(rest=" 'colour'"),
    "no_shape.npy": npy("{'descr': '<f4', 'fortran_order': False}\n"),
    "negative.npy": described(shape="(-1, 8)"),
    "huge.npy": described(shape="(4611686018427387904, 8)"),
    "short.npy": described(shape="(2, 8)"),
    "no_tensor.pb": b"\xff\xff",
    "element_type.pb": tensor(data_type=99),
    "elsewhere.pb": tensor(data_location=TensorProto.EXTERNAL),
    "short.pb": tensor(raw_data=bytes(31)),
    "few_values.pb": tensor(float_data=[1.0]),
}


def main():
    mlc, model, folder = sys.argv[1:]
    os.makedirs(folder)
    wrong = 0
    for name, data in FILES.items():
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(data)
        run = subprocess.run([mlc, "run", model, f"--input=x={path}"], capture_output=True, text=True, check=False)
        lines = run.stderr.splitlines()
        wrong += run.returncode != 1 or len(lines) != 1
        print(f"{name} {run.returncode}: " + " | ".join(lines))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
