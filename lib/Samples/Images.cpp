//===- Images.cpp - Data sets of pictures in folders ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Samples/Image.h"
#include "Samples/Source.h"
#include "Support/InputFile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstring>

using namespace llvm;

namespace mlc {

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// Suffixes of pictures, those that cannot be read too: a file that is left out
/// unsaid would be a sample less.
static bool isNameOfImage(StringRef name) {
  static constexpr StringRef suffixes[] = {".bmp", ".jpeg", ".jpg",
                                           ".pgm", ".png",  ".ppm",
                                           ".tif", ".tiff", ".webp"};
  std::string suffix = sys::path::extension(name).lower();
  return is_contained(suffixes, suffix);
}

namespace {
/// What a folder has, sorted by name.
struct FolderEntries {
  std::vector<std::string> images, folders;
};
} // namespace

static Expected<FolderEntries> entriesOf(StringRef folder) {
  FolderEntries entries;
  std::error_code error;
  for (sys::fs::directory_iterator it(folder, error), end; it != end && !error;
       it.increment(error)) {
    StringRef name = sys::path::filename(it->path());
    if (name.starts_with("."))
      continue;
    if (sys::fs::is_directory(it->path()))
      entries.folders.push_back(it->path());
    else if (isNameOfImage(name))
      entries.images.push_back(it->path());
  }
  if (error)
    return createFileError(folder, error);
  llvm::sort(entries.images);
  llvm::sort(entries.folders);
  return entries;
}

/// Folders in folders, as links may have them without end.
static constexpr int kDeepest = 32;

static Error addImages(StringRef folder, int64_t label, int depth,
                       std::vector<ImageFile> &files) {
  if (depth > kDeepest)
    return createStringError(folder + ": is more than " + Twine(kDeepest) +
                             " folders deep");
  Expected<FolderEntries> entries = entriesOf(folder);
  if (!entries)
    return entries.takeError();
  for (std::string &path : entries->images)
    files.push_back({std::move(path), label});
  for (auto [i, path] : enumerate(entries->folders))
    if (Error error =
            addImages(path, depth == 0 ? int64_t(i) : label, depth + 1, files))
      return error;
  return Error::success();
}

Expected<std::vector<ImageFile>> imagesIn(StringRef folder) {
  std::vector<ImageFile> files;
  if (Error error = addImages(folder, -1, 0, files))
    return std::move(error);
  return files;
}

Expected<std::vector<int64_t>> labelsOfFolders(StringRef folder) {
  Expected<std::vector<ImageFile>> files = imagesIn(folder);
  if (!files)
    return files.takeError();
  std::vector<int64_t> labels;
  for (const ImageFile &file : *files) {
    if (file.label < 0)
      return createStringError(file.path +
                               ": is in no folder of a class; labels are the "
                               "folders that images are in, or labels.npy");
    labels.push_back(file.label);
  }
  return labels;
}

Expected<std::vector<std::string>> classesIn(StringRef folder) {
  Expected<FolderEntries> entries = entriesOf(folder);
  if (!entries)
    return entries.takeError();
  std::vector<std::string> names;
  for (StringRef path : entries->folders)
    names.push_back(sys::path::filename(path).str());
  return names;
}

bool Samples::Images::areIn(StringRef folder) {
  Expected<std::vector<ImageFile>> files = imagesIn(folder);
  if (files)
    return !files->empty();
  consumeError(files.takeError());
  return false;
}

//===----------------------------------------------------------------------===//
// Samples
//===----------------------------------------------------------------------===//

Error Samples::Images::checkInput(StringRef path) const {
  const Wanted &info = infos.front();
  std::string is = path.str() + ": has images, '" + info.name + "' is " +
                   typeToString(info.type, info.shape);
  if (info.shape.size() != 4 || (channels != 1 && channels != 3))
    return createStringError(is + "; four dimensions with 1 or 3 channels are "
                                  "required");
  if (info.type == ElementType::U8)
    return Error::success();
  if (!isFloat(info.type))
    return createStringError(is + "; bytes are required, as --io=" + info.name +
                             ":u8 has them");
  std::string numbers = channels == 1 ? "grey,scale=1/255"
                                      : "rgb,scale=1/255,mean=0.485/0.456/"
                                        "0.406,std=0.229/0.224/0.225";
  return createStringError(is + "; say what it makes of their bytes, as --io=" +
                           info.name + ":u8,nhwc," + numbers);
}

/// Where nothing says so, channels are few: --io's rule for models.
static bool hasChannelsLast(const Samples::Wanted &info) {
  if (info.layout == "NHWC" || info.layout == "NCHW")
    return info.layout == "NHWC";
  auto isFew = [](int64_t size) { return size == 1 || size == 3 || size == 4; };
  return isFew(info.shape[3]) && !isFew(info.shape[1]);
}

Expected<std::unique_ptr<Samples::Source>>
Samples::Images::open(StringRef path, ArrayRef<Wanted> wanted) {
  if (wanted.size() != 1)
    return createStringError(path + ": has images, the model has " +
                             Twine(wanted.size()) +
                             " inputs; arrays or tensors of each are required");
  std::unique_ptr<Images> images(new Images(wanted));
  const Wanted &info = images->infos.front();
  if (info.shape.size() == 4) {
    images->channelsLast = hasChannelsLast(info);
    bool last = images->channelsLast;
    images->rows = info.shape[0];
    images->channels = info.shape[last ? 3 : 1];
    images->height = info.shape[last ? 1 : 2];
    images->width = info.shape[last ? 2 : 3];
    images->isBgr = info.channelOrder == "BGR";
  }
  if (Error error = images->checkInput(path))
    return std::move(error);
  Expected<std::vector<ImageFile>> files = imagesIn(path);
  if (!files)
    return files.takeError();
  images->files = std::move(*files);
  int64_t count = int64_t(images->files.size());
  if (count % images->rows)
    return createStringError(path + ": has " + Twine(count) +
                             " images, a multiple of " + Twine(images->rows) +
                             " is required for '" + info.name + "'");
  images->samples = count / images->rows;
  return images;
}

static Expected<Image> readImage(const std::string &path, int64_t channels) {
  constexpr uint64_t most = uint64_t(1) << 30;
  auto fail = [&](Error error) {
    return createStringError(
        path + ": cannot be read as an image: " + toString(std::move(error)));
  };
  Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return fail(file.takeError());
  Expected<std::string> bytes = file->readAll(most);
  if (!bytes)
    return fail(bytes.takeError());
  Expected<Image> image = decodeImage(*bytes, channels);
  if (!image)
    return fail(image.takeError());
  return image;
}

void Samples::Images::write(const Image &image, uint8_t *into) const {
  int64_t area = height * width;
  int64_t step = channelsLast ? channels : 1, plane = channelsLast ? 1 : area;
  for (int64_t channel = 0; channel != channels; ++channel) {
    const uint8_t *from = image.pixels.data() + channel;
    uint8_t *to = into + plane * (isBgr ? channels - 1 - channel : channel);
    for (int64_t i = 0; i != area; ++i)
      to[i * step] = from[i * channels];
  }
}

Error Samples::Images::read(int64_t first, int64_t count,
                            MutableArrayRef<Tensor> tensors) {
  auto *into = static_cast<uint8_t *>(tensors.front().data());
  for (int64_t i = first * rows; i != (first + count) * rows; ++i) {
    Expected<Image> image = readImage(files[i].path, channels);
    if (!image)
      return image.takeError();
    write(fitImage(*image, height, width), into);
    into += height * width * channels;
  }
  return Error::success();
}

std::string Samples::Images::place(size_t, int64_t sample) const {
  return files[sample * rows].path + ":";
}

} // namespace mlc
