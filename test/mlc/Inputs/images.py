"""Writes a model that says whether an image is red or blue, and folders of images for it."""
import os
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper
from PIL import Image

FOLDER = sys.argv[1]


def save(name: str, colour: tuple, size: tuple, **options) -> None:
    path = os.path.join(FOLDER, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Image.fromarray(np.full((*size, len(colour)), colour, np.uint8)).save(path, **options)


def main() -> None:
    # Of each channel's mean 4 pixels are looked at, which a convolution sums.
    weights = np.zeros((2, 3, 8, 8), np.float32)
    weights[0, 0, ::4, ::4] = weights[1, 2, ::4, ::4] = 0.25
    nodes = [helper.make_node("Conv", ["image", "w"], ["c"]), helper.make_node("Flatten", ["c"], ["scores"])]
    shape, value = ["N", 3, 8, 8], helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "colour", [value("image", 1, shape)], [value("scores", 1, ["N", 2])],
                              [numpy_helper.from_array(weights, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), FOLDER + "/colour.onnx")
    for i in range(3):
        save(f"train/blue/{i}.png", (10 * i, 5, 200), (9, 20))
        save(f"train/azure/more/{i}.jpg", (200, 60, 20 * i), (33, 17), quality=95)
    save("bgr/red/0.png", (250, 0, 10), (8, 8))
    save("three/a/x.png", (250, 0, 10), (8, 8))
    save("three/b/x.png", (0, 0, 255), (8, 8))
    save("three/c/x.png", (0, 0, 255), (8, 8))
    save("broken/red/0.png", (250, 0, 10), (8, 8))
    save("loose/0.png", (250, 0, 10), (8, 8))
    os.makedirs(FOLDER + "/empty/red")
    with open(FOLDER + "/broken/red/1.jpg", "wb") as file:
        file.write(b"\xff\xd8\xff\xe0 no more")


main()
