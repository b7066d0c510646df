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
    for root, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        names = [name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
        found += [os.path.join(root, name) for name in sorted(names)]
    return found


def _convert(image, mode: str):
    """Of 16 bits the upper ones, where Pillow has all above 255 white."""
    from PIL import Image
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
    return image.convert(mode)


def _fit(image, width: int, height: int):
    """ImageOps.fit, rows before columns: which comes first, and so the last bit, depends on Pillow's version."""
    from PIL import Image
    bilinear, wanted = Image.Resampling.BILINEAR, width / height
    part_width, part_height = image.size
    if image.width / image.height > wanted:
        part_width = wanted * image.height
    elif image.width / image.height < wanted:
        part_height = image.width / wanted
    left, top = (image.width - part_width) * 0.5, (image.height - part_height) * 0.5
    image = image.resize((width, image.height), bilinear, box=(left, 0, left + part_width, image.height))
    return image.resize((width, height), bilinear, box=(0, top, width, top + part_height))


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
                image = _convert(ImageOps.exif_transpose(image), CHANNELS[channels])
                result[i] = np.asarray(_fit(image, width, height)).reshape(height, width, -1)
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise refuse(f"cannot be read as an image: {error}", path) from None
    return result[..., ::-1].copy() if channels == "bgr" else result
