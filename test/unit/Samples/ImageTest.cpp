//===- ImageTest.cpp - Samples that are pictures --------------------------===//

#include "Files.h"
#include "Pictures.h"
#include "Samples/ImageFile.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CRC.h"

using namespace llvm;
using namespace mlc;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

using Bytes = std::vector<uint8_t>;

static std::string problem(StringRef bytes) {
  Expected<Image> image = decodeImage(bytes, 3);
  return image ? "" : toString(image.takeError());
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

TEST(Image, ReadsPngOfAllForms) {
  Image colours = noise(5, 7, 3), greys = noise(5, 7, 1);
  EXPECT_EQ(cantFail(decodeImage(pngOf(colours), 3)).pixels, colours.pixels);
  EXPECT_EQ(cantFail(decodeImage(pngOf(greys), 1)).pixels, greys.pixels);
  PngForm form;
  form.interlace = PNG_INTERLACE_ADAM7;
  std::string woven = pngOf(5, 7, colours.pixels, form);
  EXPECT_EQ(cantFail(decodeImage(woven, 3)).pixels, colours.pixels);
  // What is transparent counts as if it were not.
  form = {PNG_COLOR_TYPE_RGB_ALPHA};
  std::string clear = pngOf(1, 2, {1, 2, 3, 0, 4, 5, 6, 128}, form);
  EXPECT_EQ(cantFail(decodeImage(clear, 3)).pixels, Bytes({1, 2, 3, 4, 5, 6}));
  form = {PNG_COLOR_TYPE_GRAY_ALPHA};
  clear = pngOf(1, 2, {1, 0, 4, 128}, form);
  EXPECT_EQ(cantFail(decodeImage(clear, 3)).pixels, Bytes({1, 1, 1, 4, 4, 4}));
  // Of 16 bits the upper ones.
  form = {PNG_COLOR_TYPE_GRAY, 16};
  std::string deep = pngOf(1, 2, {1, 255, 254, 0}, form);
  EXPECT_EQ(cantFail(decodeImage(deep, 1)).pixels, Bytes({1, 254}));
  form = {PNG_COLOR_TYPE_GRAY, 1};
  std::string flags = pngOf(1, 3, {0xa0}, form);
  EXPECT_EQ(cantFail(decodeImage(flags, 1)).pixels, Bytes({255, 0, 255}));
  form = {PNG_COLOR_TYPE_PALETTE, 2};
  form.palette = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  form.transparent = {0, 128};
  std::string indices = pngOf(1, 3, {0x18}, form);
  EXPECT_EQ(cantFail(decodeImage(indices, 3)).pixels,
            Bytes({1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

// zlib.crc32(numpy.asarray(image.convert("L"))) in Pillow.
TEST(Image, GreyIsPillows) {
  Image grey = cantFail(decodeImage(pngOf(noise(20, 30, 3)), 1));
  EXPECT_EQ(crc32(grey.pixels), 0x72bd4cdbu);
}

/// Whether all numbers are as near as a file of the best quality has them.
static void expectNear(const Image &found, const Image &wanted) {
  ASSERT_EQ(found.pixels.size(), wanted.pixels.size());
  for (size_t i = 0; i != found.pixels.size(); ++i)
    EXPECT_NEAR(found.pixels[i], wanted.pixels[i], 3) << i;
}

TEST(Image, ReadsJpeg) {
  Image colours = noise(9, 17, 3), greys = noise(9, 17, 1);
  expectNear(cantFail(decodeImage(jpegOf(colours), 3)), colours);
  expectNear(cantFail(decodeImage(jpegOf(greys), 1)), greys);
  EXPECT_EQ(cantFail(decodeImage(jpegOf(greys), 3)).channels, 3);
}

// The four inks of printers, which Adobe's programs store as what they leave:
// libjpeg writes their marker for inks that it does not convert.
TEST(Image, ReadsInks) {
  Image inks = plain(8, 8, {245, 235, 225, 215});
  expectNear(cantFail(decodeImage(jpegOf(inks), 3)),
             plain(8, 8, {207, 198, 190}));
}

// 0 1 2   as they lie; 0, 2 and 4 are where the test looks for them.
// 3 4 5
TEST(Image, StandsAsTheCameraSays) {
  const std::pair<int64_t, Bytes> upright[] = {
      {2, {0, 1, 2, 3, 4, 5}}, {2, {2, 1, 0, 5, 4, 3}}, {2, {5, 4, 3, 2, 1, 0}},
      {2, {3, 4, 5, 0, 1, 2}}, {3, {0, 3, 1, 4, 2, 5}}, {3, {3, 0, 4, 1, 5, 2}},
      {3, {5, 2, 4, 1, 3, 0}}, {3, {2, 5, 1, 4, 0, 3}}};
  for (int orientation = 1; orientation <= 8; ++orientation)
    for (bool isLittle : {false, true}) {
      PngForm form = {PNG_COLOR_TYPE_GRAY};
      form.exif = exifOf(orientation, isLittle);
      Image image =
          cantFail(decodeImage(pngOf(2, 3, {0, 1, 2, 3, 4, 5}, form), 1));
      EXPECT_EQ(image.height, upright[orientation - 1].first) << orientation;
      EXPECT_EQ(image.pixels, upright[orientation - 1].second) << orientation;
    }
  Image lying = cantFail(decodeImage(jpegOf(noise(8, 24, 3), exifOf(6)), 3));
  EXPECT_EQ(lying.height, 24);
  // No orientation at all, and directories that end before they begin.
  for (std::string exif : {exifOf(0), exifOf(9), exifOf(6).substr(0, 12),
                           std::string("MM\0\x2a\xff\xff\xff\xff", 8)}) {
    PngForm form = {PNG_COLOR_TYPE_GRAY};
    form.exif = exif;
    EXPECT_EQ(cantFail(decodeImage(pngOf(1, 2, {3, 4}, form), 1)).width, 2);
  }
}

TEST(Image, SaysWhatIsWrong) {
  EXPECT_EQ(problem(""), "is empty");
  EXPECT_EQ(problem("GIF89a"), "is neither PNG nor JPEG");
  for (const std::string &file :
       {pngOf(noise(30, 40, 3)), jpegOf(noise(30, 40, 3))})
    for (size_t size = 12; size < file.size(); size += 97)
      EXPECT_NE(problem(StringRef(file).take_front(size)), "") << size;
  std::string file = pngOf(noise(30, 40, 3));
  EXPECT_EQ(problem(StringRef(file).take_front(100)), "the file ends early");
  file[60] ^= 1;
  EXPECT_THAT(problem(file), HasSubstr("IDAT"));
  file = jpegOf(noise(30, 40, 3));
  EXPECT_EQ(problem(StringRef(file).take_front(file.size() / 2)),
            "the file ends early");
}

// 40 bytes that promise 2^31 pixels.
TEST(Image, RefusesBombs) {
  std::string file = pngOf(noise(1, 1, 1));
  std::string header("IHDR\0\0\x80\0\0\x01\0\0\x08\0\0\0\0", 17);
  uint32_t crc = crc32(arrayRefFromStringRef(header));
  for (int shift : {24, 16, 8, 0})
    header += char(crc >> shift);
  file.replace(12, header.size(), header);
  EXPECT_EQ(problem(file), "has 65536x32768 pixels, more than 2^27");
}

// Every bit of a file turned once: an image or an error.
TEST(Image, TakesAnyBytes) {
  for (std::string file :
       {pngOf(noise(6, 5, 3)), jpegOf(noise(16, 8, 3), exifOf(6))})
    for (size_t i = 0; i != file.size(); ++i)
      for (int bit : {0, 3, 7}) {
        file[i] ^= char(1 << bit);
        Expected<Image> image = decodeImage(file, 3);
        if (!image)
          EXPECT_NE(toString(image.takeError()), "");
        file[i] ^= char(1 << bit);
      }
}

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

// zlib.crc32 of what mlc_compiler.images makes of the same, by Pillow.
TEST(Image, FitsAsPillowDoes) {
  const struct {
    int64_t height, width, channels, toHeight, toWidth;
    uint32_t crc;
  } rows[] = {{9, 13, 3, 4, 5, 0x0bc9dede},    {9, 13, 3, 7, 20, 0xbab6c9a4},
              {64, 48, 3, 17, 17, 0x3b4f1823}, {5, 5, 1, 11, 3, 0x19642fab},
              {33, 100, 1, 8, 8, 0xf7f9855e},  {300, 2, 3, 2, 2, 0xe2f54ff6},
              {7, 9, 3, 7, 9, 0x2706042a}};
  for (const auto &row : rows) {
    Image image = noise(row.height, row.width, row.channels);
    Image fitted = fitImage(image, row.toHeight, row.toWidth);
    EXPECT_EQ(fitted.height, row.toHeight);
    EXPECT_EQ(crc32(fitted.pixels), row.crc)
        << row.height << "x" << row.width << " to " << row.toHeight << "x"
        << row.toWidth;
  }
}

//===----------------------------------------------------------------------===//
// Folders
//===----------------------------------------------------------------------===//

static Wanted bytesOf(SmallVector<int64_t> shape, std::string layout = "",
                      std::string order = "") {
  return {"x", ElementType::U8, std::move(shape), std::move(layout),
          std::move(order)};
}

/// Four images, of classes 1, 1, 0 and 2; their first red is their number.
static void writeImages(const TestFolder &folder) {
  folder.write("s/cat/a.JPG", pngOf(plain(4, 4, {0, 100, 200})));
  folder.write("s/cat/inner/b.png", pngOf(plain(4, 4, {10, 110, 210})));
  folder.write("s/ant/z.jpeg", jpegOf(plain(8, 8, {30, 30, 30})));
  folder.write("s/dog/7.png", pngOf(plain(9, 9, {40})));
  folder.write("s/dog/.hidden.png", "not read");
  folder.write("s/notes.txt", "nor this");
}

TEST(Images, InTheOrderOfTheirNames) {
  TestFolder folder;
  writeImages(folder);
  auto samples =
      cantFail(Samples::open(folder.path("s"), bytesOf({1, 2, 2, 3})));
  ASSERT_EQ(samples.count(), 4);
  std::vector<Tensor> batch;
  cantFail(samples.read(1, 3, batch));
  EXPECT_EQ(batch[0].shape(), ArrayRef<int64_t>({3, 1, 2, 2, 3}));
  std::vector<double> reds;
  for (int i = 0; i != 3; ++i)
    reds.push_back(batch[0].at(12 * i));
  EXPECT_THAT(reds, ElementsAre(0, 10, 40));
  EXPECT_THAT(cantFail(readLabels(folder.path("s"), "labels", 4)),
              ElementsAre(0, 1, 1, 2));
  EXPECT_EQ(describeLabel(folder.path("s"), "labels", 3, 2),
            "folder 'dog' is class 2");
  EXPECT_EQ(describeLabel(folder.path("s"), "classes", 3, 2),
            "array 'classes' has 2 as element 3");
  EXPECT_TRUE(cantFail(hasArray(folder.path("s"), "labels")));
  EXPECT_FALSE(cantFail(hasArray(folder.path("s"), "classes")));
  // An array beside them counts.
  folder.write("s/labels.npy", npy(counting(ElementType::U8, {4})));
  EXPECT_THAT(cantFail(readLabels(folder.path("s"), "labels", 4)),
              ElementsAre(0, 1, 2, 3));
}

TEST(Images, LieAsTheInputWants) {
  TestFolder folder;
  folder.write("s/a.png", pngOf(plain(4, 4, {1, 2, 3})));
  auto first = [&](const Wanted &wanted) {
    auto samples = cantFail(Samples::open(folder.path("s"), wanted));
    std::vector<Tensor> batch;
    cantFail(samples.read(0, 1, batch));
    ArrayRef<uint8_t> values = batch[0].values<uint8_t>();
    return Bytes(values.begin(), values.end());
  };
  EXPECT_EQ(first(bytesOf({1, 2, 1, 3})), Bytes({1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(first(bytesOf({1, 3, 1, 2})), Bytes({1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(first(bytesOf({1, 1, 2, 3}, "NHWC", "BGR")),
            Bytes({3, 2, 1, 3, 2, 1}));
  EXPECT_EQ(first(bytesOf({1, 3, 1, 2}, "NCHW", "BGR")),
            Bytes({3, 3, 2, 2, 1, 1}));
  EXPECT_EQ(first(bytesOf({1, 1, 3, 3}, "NCHW")), Bytes(9, 2));
  EXPECT_EQ(first(bytesOf({1, 3, 3, 1}, "NHWC", "grey")), Bytes(9, 2));
}

TEST(Images, SeveralForASample) {
  TestFolder folder;
  writeImages(folder);
  auto samples =
      cantFail(Samples::open(folder.path("s"), bytesOf({2, 2, 1, 3})));
  ASSERT_EQ(samples.count(), 2);
  std::vector<Tensor> batch;
  cantFail(samples.read(1, 1, batch));
  EXPECT_EQ(batch[0].at(0), 10);
  EXPECT_EQ(batch[0].at(6), 40);
  EXPECT_THAT(problemOf(folder.path("s"), bytesOf({3, 2, 1, 3})),
              HasSubstr("s: has 4 images, a multiple of 3 is required"));
}

// Tensors count where there are some.
TEST(Images, MayLieBesideTensors) {
  TestFolder folder;
  folder.write("s/one/picture.png", pngOf(plain(1, 1, {7})));
  folder.write("s/one/input_0.npy",
               npy(counting(ElementType::U8, {1, 1, 1, 3})));
  auto samples =
      cantFail(Samples::open(folder.path("s"), bytesOf({1, 1, 1, 3})));
  std::vector<Tensor> batch;
  cantFail(samples.read(0, 1, batch));
  EXPECT_EQ(batch[0].at(2), 2);
}

TEST(Images, SayWhatIsWrong) {
  TestFolder folder;
  writeImages(folder);
  std::string path = folder.path("s");
  EXPECT_THAT(
      problemOf(path, Wanted{"x", ElementType::F32, {1, 3, 8, 8}}),
      AllOf(
          HasSubstr("s: has images, 'x' is f32[1x3x8x8]; say what it makes "
                    "of their bytes, as --io=x:u8,nhwc,rgb,scale=1/255,mean="),
          HasSubstr(",std=0.229")));
  EXPECT_THAT(problemOf(path, Wanted{"x", ElementType::F32, {1, 8, 8, 1}}),
              HasSubstr("as --io=x:u8,nhwc,grey,scale=1/255"));
  EXPECT_THAT(problemOf(path, Wanted{"x", ElementType::I8, {1, 8, 8, 1}}),
              HasSubstr("'x' is i8[1x8x8x1]; bytes are required, as --io=x:u8 "
                        "has them"));
  EXPECT_THAT(problemOf(path, bytesOf({1, 8, 8, 4})),
              HasSubstr("four dimensions with 1 or 3 channels are required"));
  EXPECT_THAT(problemOf(path, bytesOf({1, 10})),
              HasSubstr("four dimensions with 1 or 3 channels are required"));
  EXPECT_THAT(problemOf(path, {bytesOf({1, 8, 8, 3}), bytesOf({1, 8, 8, 3})}),
              HasSubstr("s: has images, the model has 2 inputs"));
  EXPECT_THAT(toString(readLabels(path, "labels", 5).takeError()),
              HasSubstr("s: has 4 images in folders, one for each of 5"));
  std::string loose = folder.write("s/m.png", pngOf(plain(1, 1, {0})));
  EXPECT_THAT(toString(readLabels(path, "labels", 5).takeError()),
              HasSubstr("m.png: is in no folder of a class"));
  EXPECT_THAT(problemOf(path, bytesOf({1, 2, 2, 3}), "output"),
              HasSubstr("s: has images, and so no 'x' to compare"));
  folder.write("s/m.webp", "RIFF");
  std::string text = problemOf(path, bytesOf({1, 2, 2, 3}));
  EXPECT_THAT(text, HasSubstr("m.webp: cannot be read as an image: is neither "
                              "PNG nor JPEG"));
}
