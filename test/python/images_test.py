"""Folders of images as samples."""
import os
import tempfile
import unittest
from unittest import mock

import mlc_compiler
import numpy as np
from files import DIGITS
from PIL import Image


class Images(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def save(self, name, array, **options):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Image.fromarray(array).save(path, **options)
        return path

    def test_are_read_in_the_order_of_their_names(self):
        for i, name in enumerate(["b/2.png", "a/1.PPM", "a/0.jpg", "a/notes.png.txt"]):
            if name.endswith("txt"):
                with open(os.path.join(self.folder.name, name), "w") as file:
                    file.write("no image")
            else:
                self.save(name, np.full((6, 5, 3), 50 * i, np.uint8))
        found = mlc_compiler.images(self.folder.name, (6, 5))
        self.assertEqual((found.dtype, found.shape), (np.uint8, (3, 6, 5, 3)))
        self.assertEqual(found[:, 0, 0, 0].tolist(), [100, 50, 0])
        self.assertEqual(mlc_compiler.images(self.folder.name, (6, 5), limit=2)[:, 0, 0, 0].tolist(), [100, 50])

    def test_keep_pixels_of_their_own_size(self):
        pixels = np.random.RandomState(0).randint(0, 256, (7, 9, 3), np.uint8)
        self.save("x.png", pixels)
        np.testing.assert_array_equal(mlc_compiler.images(self.folder.name, (7, 9))[0], pixels)
        np.testing.assert_array_equal(mlc_compiler.images(self.folder.name, (7, 9), "bgr")[0], pixels[..., ::-1])
        self.assertEqual(mlc_compiler.images(self.folder.name, (7, 9), "grey").shape, (1, 7, 9, 1))

    def test_are_cut_in_the_middle_and_resized(self):
        wide = np.zeros((10, 40, 3), np.uint8)
        wide[:, 12:28] = 200  # what is resized looks beyond the edge
        self.save("wide.png", wide)
        np.testing.assert_array_equal(mlc_compiler.images(self.folder.name, (5, 5)), np.full((1, 5, 5, 3), 200, np.uint8))

    def test_stand_as_cameras_say(self):
        lying = np.zeros((4, 8, 3), np.uint8)
        lying[:, :4] = 255
        exif = Image.Exif()
        exif[0x0112] = 6  # turned to the right, a quarter
        self.save("lying.png", lying, exif=exif)
        found = mlc_compiler.images(self.folder.name, (8, 4))[0, :, :, 0]
        self.assertTrue((found[:4] == 255).all() and (found[4:] == 0).all())

    def test_take_the_upper_bits_of_16(self):
        self.save("deep.png", np.uint16([[0, 255, 256], [4000, 65535, 300]]))
        found = mlc_compiler.images(self.folder.name, (2, 3), "grey")[0, :, :, 0]
        self.assertEqual(found.tolist(), [[0, 0, 1], [15, 255, 1]])

    def test_are_the_same_to_the_commands(self):
        noise = np.random.RandomState(1)
        for i, (height, width) in enumerate([(64, 48), (17, 90), (32, 32), (9, 11), (300, 31), (41, 40)]):
            pixels = noise.randint(0, 256, (height, width, 3), np.uint8)
            self.save(f"{i}/colours.png", pixels)
            self.save(f"{i}/colours.jpg", pixels, quality=60)
            self.save(f"{i}/grey.jpeg", pixels[..., 0], quality=90, progressive=True)
            self.save(f"{i}/deep.png", pixels[..., 0].astype(np.uint16) * 256 + 99)
            exif = Image.Exif()
            exif[0x0112] = i + 2
            self.save(f"{i}/lying.jpg", pixels, exif=exif, subsampling=2)
            Image.fromarray(pixels).quantize(9).save(os.path.join(self.folder.name, f"{i}/palette.png"))
            Image.fromarray(pixels).convert("CMYK").save(os.path.join(self.folder.name, f"{i}/inks.jpg"))
            Image.fromarray(pixels).convert("RGBA").save(os.path.join(self.folder.name, f"{i}/clear.png"))
        # Without a size each pixel of 8x8 tells in the outputs, and so in how far two models agree.
        io, floats = {"image": "u8,nhwc,grey,std=15.9375"}, DIGITS / "digits.onnx"
        images = mlc_compiler.images(self.folder.name, (8, 8), "grey")
        small = mlc_compiler.quantize(floats, self.folder.name, io=io, observer="minmax", rounding="nearest",
                                      bias_correction=False, equalize=False).model

        def judged(data):
            found = mlc_compiler.evaluate(small, data, reference=floats, io=io)
            return [found[key] for key in ("samples", "value", "agreement", "outputs")]

        arrays = {"image": images, "labels": np.repeat(np.arange(6), 8)}
        by_commands = judged(self.folder.name)
        self.assertEqual(by_commands, judged(arrays))
        self.assertEqual(by_commands[0], 48)
        images[31, 5, 7] ^= 1
        self.assertNotEqual(by_commands, judged(arrays))

    def test_calibrate_a_model_that_takes_images(self):
        scans = np.load(DIGITS / "input.npy")
        for i, scan in enumerate(scans[:, 0]):
            self.save(f"{i}.png", np.round(scan * 15.9375).astype(np.uint8).repeat(4, 0).repeat(4, 1))
        images = mlc_compiler.images(self.folder.name, (32, 32), "grey")
        io = {"image": "u8,nhwc,grey,size=32x32,std=15.9375"}
        made = mlc_compiler.quantize(DIGITS / "digits.onnx", images, io=io, observer="minmax", rounding="nearest",
                                     bias_correction=False, equalize=False)
        model = mlc_compiler.Model(made.model, dim={"N": 1}, io=io)
        found = [int(model(image=image[None])["scores"].argmax()) for image in images]
        self.assertEqual(found, list(range(10)))

    def test_refuses(self):
        def text_of(*arguments, **keywords):
            with self.assertRaises(mlc_compiler.Error) as caught:
                mlc_compiler.images(*arguments, **keywords)
            return str(caught.exception)

        self.assertIn("has no images (.bmp,", text_of(self.folder.name, (4, 4)))
        self.assertIn("channels='hsv': one of rgb, bgr, grey is required", text_of(self.folder.name, (4, 4), "hsv"))
        path = self.save("x.png", np.zeros((4, 4, 3), np.uint8))
        with open(path, "r+b") as file:
            file.truncate(40)
        self.assertIn(f"{path}: cannot be read as an image: ", text_of(self.folder.name, (4, 4)))
        with mock.patch.dict("sys.modules", {"PIL": None}):
            self.assertIn("pip install pillow", text_of(self.folder.name, (4, 4)))


if __name__ == "__main__":
    unittest.main()
