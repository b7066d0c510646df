//===- Samples.h - What a model is calibrated and judged with ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Data sets in files, read batch by batch:
//
//   samples.npz      an array for each input, of its name; compressed or not
//   samples.npy      the array of the only input
//   folder/NAME.npy  the same as an .npz archive, unpacked
//   folder/*/input_0.pb, input_1.npy, ...
//                    a folder for each sample, as ONNX stores test data; inputs
//                    by position. Folders are taken in the order of their
//                    names, numbers in them by value
//   folder/**/*.png, .jpg, .jpeg
//                    a picture for each row of the only input, which takes
//                    bytes: Image.h. In the order of their names, those of a
//                    folder before those of the folders in it; folders are
//                    classes, numbered in the order of their names
//
// An array's first dimension counts samples: for an input of 1x3x32x32 it is
// Nx3x32x32 or Nx1x3x32x32. Where the model takes b rows at once, bx3x32x32,
// the array has N*b rows, or b and then those as dimensions.
//
//   Expected<Samples> samples = Samples::open("test.npz", inputs);
//   std::vector<Tensor> batch;
//   for (int64_t i = 0; i != samples->count(); ++i)
//     if (Error error = samples->read(i, 1, batch)) ...
//
// Any bytes give samples or an error, which names the file and the array, and
// what is wanted and was found. Floats that are infinite or NaN are errors.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SAMPLES_SAMPLES_H
#define MLC_SAMPLES_SAMPLES_H

#include "TensorIO/Tensor.h"

#include <memory>
#include <string>
#include <vector>

namespace mlc {

struct SyntheticInput;

class Samples {
public:
  /// A tensor that the model takes, or that its outputs are compared with.
  struct Wanted {
    std::string name;
    ElementType type;
    llvm::SmallVector<int64_t> shape; ///< of one sample
    /// Of pictures, where it is known: "NHWC" or "NCHW"; "RGB", "BGR", "grey".
    std::string layout = {}, channelOrder = {};
  };

  /// Opens a data set and checks names, types, shapes and that all arrays have
  /// as many samples; of folders with a folder a sample, only that there are
  /// some. `stem` is what files are called there: "input" or "output". Errors:
  /// no samples at all.
  static llvm::Expected<Samples> open(llvm::StringRef path,
                                      llvm::ArrayRef<Wanted> wanted,
                                      llvm::StringRef stem = "input");

  /// `count` samples that are made up; `inputs` says what of.
  static Samples synthetic(llvm::ArrayRef<Wanted> wanted,
                           llvm::ArrayRef<SyntheticInput> inputs,
                           int64_t count);

  Samples(Samples &&other);
  Samples &operator=(Samples &&other);
  ~Samples();

  int64_t count() const;

  /// Reads `count` samples: a tensor for each that is wanted, of its shape
  /// behind one dimension more, which is `count`. Tensors that fit already are
  /// used again. In a compressed archive, going back takes as long as reading
  /// all from its beginning.
  llvm::Error read(int64_t first, int64_t count, std::vector<Tensor> &tensors);

private:
  class Source;
  class Arrays;
  class Folders;
  class Images;
  class Synthetic;
  explicit Samples(std::unique_ptr<Source> source);

  std::unique_ptr<Source> source;
};

/// The array `name` of a data set as integers, as labels are: of an .npz
/// archive, or in NAME.npy of a folder; of a folder of pictures that has none
/// the classes that their folders are. Errors: there is none; other elements
/// than integers; another number of them than `count`.
llvm::Expected<std::vector<int64_t>>
readLabels(llvm::StringRef path, llvm::StringRef name, int64_t count);

/// Where such a label stands and what it is, for messages: "array 'labels' has
/// 10 as element 3", "folder 'zebra' is class 10".
std::string describeLabel(llvm::StringRef path, llvm::StringRef name,
                          int64_t index, int64_t label);

/// Whether a data set has an array `name`, or folders that are classes. Errors:
/// it cannot be read.
llvm::Expected<bool> hasArray(llvm::StringRef path, llvm::StringRef name);

} // namespace mlc

#endif // MLC_SAMPLES_SAMPLES_H
