"""Writes the example's images as pictures of 32x32 bytes, 0.pgm to 9.pgm, and all as pictures.npz with labels, and as floats
as the model takes them, floats.npz: pictures.py input.npy FOLDER."""
import sys

import numpy as np

images, folder = np.load(sys.argv[1]), sys.argv[2]
stored = np.rint(images.reshape(-1, 8, 8) * (255 / 16)).astype("u1").repeat(4, 1).repeat(4, 2)
for digit, pixels in enumerate(stored):
    with open(f"{folder}/{digit}.pgm", "wb") as file:
        file.write(b"P5 32 32 255\n" + pixels.tobytes())
labels = np.arange(len(images))
np.savez(f"{folder}/pictures.npz", image=stored[..., None], labels=labels)
np.save(f"{folder}/seven.npy", stored[7][None, ..., None])
np.savez(f"{folder}/floats.npz", image=(stored[:, None, ::4, ::4] / np.float32(15.9375)).astype("f4"), labels=labels)
