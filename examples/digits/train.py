"""Trains the digits network on scikit-learn's handwritten digits and writes everything this folder commits.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python train.py [--out=DIR] [--epochs=120]

Writes, into DIR (this folder by default):
    digits.onnx            f32, BatchNormalization and all else left explicit, opset 17, dynamic batch "N"
    digits_int8.onnx       the same, quantised to int8 (QDQ, per channel, calibrated on training images)
    digits.contract.json   what `mlc compile --contract` adds: layout, range, labels
    samples.h              ten held-out images with labels and expected scores, for main.c and main.cpp
    input.npy              the same ten images [10,1,8,8], and
    expected.npy, expected_int8.npy   onnxruntime's scores for both models [10,10]

A quarter of the images is held out, stratified by digit, and used only for the accuracies printed at the end;
the script fails if either model answers fewer than 97.5 % of them correctly.
"""

import argparse
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import export
import network

SEED = 20
REQUIRED_ACCURACY = 0.975


def load():
    """(training images, training labels, held-out images, held-out labels); images [n,1,8,8] f32, 0..16."""
    data = load_digits()
    images = data.images.astype(np.float32)[:, None]
    labels = data.target.astype(np.int32)
    train_x, held_x, train_y, held_y = train_test_split(images, labels, test_size=0.25, stratify=labels,
                                                        random_state=SEED)
    return train_x, train_y, held_x, held_y


def scores_of(model, images):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(["scores"], {"image": images})[0]


def accuracy(model, images, labels):
    return float(np.mean(scores_of(model, images).argmax(axis=1) == labels))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    parser.add_argument("--epochs", type=int, default=120)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    train_x, train_y, held_x, held_y = load()
    print(f"{len(train_x)} images to train on, {len(held_x)} held out", flush=True)
    params = network.train(train_x, train_y, SEED, args.epochs)

    models = {"digits": export.float_model(params)}
    models["digits_int8"] = export.int8_model(models["digits"], train_x)
    passed = True
    for name, model in models.items():
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, args.out / f"{name}.onnx")
        reached = accuracy(model, held_x, held_y)
        passed &= reached >= REQUIRED_ACCURACY
        print(f"{name}: {reached:.2%} of the held-out images ({model.ByteSize()} bytes)")

    # The first held-out image of each digit.
    chosen = [int(np.flatnonzero(held_y == digit)[0]) for digit in range(network.CLASSES)]
    images, labels = held_x[chosen], held_y[chosen]
    expected = scores_of(models["digits"], images)
    np.save(args.out / "input.npy", images)
    np.save(args.out / "expected.npy", expected)
    np.save(args.out / "expected_int8.npy", scores_of(models["digits_int8"], images))
    export.write_samples(args.out / "samples.h", images, labels, expected)
    export.write_contract(args.out / "digits.contract.json")
    if not passed:
        sys.exit(f"train.py: below the required accuracy of {REQUIRED_ACCURACY:.1%}")


if __name__ == "__main__":
    main()
