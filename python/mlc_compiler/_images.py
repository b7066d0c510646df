"""Folders of images as samples."""
import os
from typing import List, Optional, Tuple, Union

import numpy as np

from ._errors import refuse

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
CHANNELS = {"rgb": "RGB", "bgr": "RGB", "grey": "L"}


def _files(folder: str) -> List[str]:
    """In the order of their names, those of folders inside too: a folder of each class is usual."""
    found = []
    for root, folders, names in os.walk(folder):
        folders.sort()
        found += [os.path.join(root, name) for name in sorted(names) if name.lower().endswith(SUFFIXES)]
    return found


def images(folder: Union[str, "os.PathLike[str]"], size: Tuple[int, int], channels: str = "rgb",
           limit: Optional[int] = None) -> np.ndarray:
    """The images of a folder as bytes, N x height x width x channels, for `calibration` and `io="u8,nhwc,..."`.

    `size` is (height, width): the largest part of an image with this ratio is taken from its middle, and resized as Pillow's
    BILINEAR does. `channels` is "rgb", "bgr" or "grey". Of more than `limit` images as many are taken, spread over all. Needs Pillow.
    Raises Error: there are no images, one cannot be read, or Pillow is not installed.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise refuse("images are read by Pillow, which is not installed: pip install pillow") from None
    if channels not in CHANNELS:
        raise refuse(f"channels='{channels}': one of {', '.join(CHANNELS)} is required")
    height, width = size
    paths = _files(os.fspath(folder))
    if not paths:
        raise refuse(f"{os.fspath(folder)}: has no images ({', '.join(SUFFIXES)})")
    if limit is not None and limit < len(paths):
        paths = [paths[i * len(paths) // limit] for i in range(limit)]
    result = np.empty((len(paths), height, width, len(CHANNELS[channels])), np.uint8)
    for i, path in enumerate(paths):
        try:
            with Image.open(path) as image:
                image = ImageOps.exif_transpose(image).convert(CHANNELS[channels])
                image = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
                result[i] = np.asarray(image).reshape(height, width, -1)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise refuse(f"cannot be read as an image: {error}", path) from None
    return result[..., ::-1].copy() if channels == "bgr" else result
