//===- Contract.h - what a user of a compiled model must know ---*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The contract of a model: shapes, types, ranges, preprocessing, labels,
// memory. It is gathered from the model and the compiler, completed by the
// user's
// --contract file, and written twice: as a C header and as JSON.
//
//   ModelContract contract = ...;              // model and compiler
//   assignIdentifiers(contract);
//   if (Error e = mergeContract(contract, text, "digits.contract.json")) ...
//   writeHeader(contract, headerStream);       // includes "mlc_runtime.h"
//   writeJson(contract, jsonStream);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_CONTRACT_H
#define MLC_EMIT_CONTRACT_H

#include "TensorIO/Tensor.h"
#include "mlc/runtime.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlc {

/// real = scale * (stored - zeroPoint)
struct Quantization {
  double scale = 1;
  int64_t zeroPoint = 0;
};

/// How an image of one height and width becomes one of another.
struct ImageResize {
  std::array<int64_t, 2> from, to;
  std::string method; ///< "bilinear", "nearest"; empty where none is needed
  /// The image keeps its ratio, and `value` is around it.
  struct Letterbox {
    double value;
    std::array<int64_t, 2> before; ///< rows above and columns left of the image
    std::array<int64_t, 2> size;   ///< of the image within
  };
  std::optional<Letterbox> letterbox;
};

/// What is done to data before the model sees them, by the program or, where it
/// is compiled in, by the library: (value - mean) / std for each of the model's
/// channels. Empty is unknown.
struct Preprocessing {
  std::string description;
  std::vector<double> mean, std;
  std::string channelOrder; ///< of the program's image: "RGB", "BGR", "grey"
  std::string layout;       ///< of the same, where it is compiled in: "NHWC"
  std::optional<ImageResize> resize;
  bool isCompiledIn = false;

  bool empty() const {
    return description.empty() && mean.empty() && std.empty() &&
           channelOrder.empty() && !isCompiledIn;
  }
};

/// One input or output. Empty strings and lists are unknown.
struct TensorContract {
  std::string name;       ///< in the model
  std::string identifier; ///< in C; assignIdentifiers
  mlc_type type = MLC_TYPE_F32;
  llvm::SmallVector<int64_t, 4> shape; ///< empty for a scalar
  std::string layout;                  ///< a letter a dimension, as "NHWC"
  uint32_t alignment = 1;              ///< of the caller's buffer, in bytes
  std::optional<std::pair<double, double>> range; ///< normal values, inclusive
  std::optional<Quantization> quantization;
  Preprocessing preprocessing;
  std::string meaning;
  std::vector<std::string>
      labels;           ///< of one dimension's indices, or of classes
  std::string function; ///< that the library ends with: "softmax", "sigmoid"
  /// Of the largest of all scores: the output that has their classes.
  std::string indices;
  int64_t classes = 0; ///< of all scores, where there are indices
  std::string doc;
  /// Dimensions that are as long as the data say, at most `shape`: which, and
  /// the output that holds their length. Elements beyond it are 0, or -1 of
  /// rows that NonMaxSuppression gives.
  struct Counted {
    int64_t dimension;
    size_t output; ///< index among the outputs
  };
  std::vector<Counted> counted;

  uint64_t elements() const;
  uint64_t bytes() const; ///< sub-byte types are packed
};

/// An input of the file that is a constant of the code.
struct BoundInput {
  std::string name;
  size_t position = 0; ///< among the inputs of the file
  std::shared_ptr<const Tensor> value;
};

struct ModelContract {
  std::string name;   ///< for people
  std::string prefix; ///< C identifier of all names
  std::string mlcVersion;
  std::string producer;                  ///< of the model, as "pytorch 2.5"
  std::map<std::string, int64_t> opsets; ///< by domain, "" is ONNX's own
  std::string doc;
  std::map<std::string, std::string> metadata; ///< ONNX metadata_props
  std::vector<TensorContract> inputs, outputs;
  std::vector<BoundInput> bound;

  std::string triple;
  unsigned pointerBytes = 8;
  std::vector<std::string> variants; ///< CPU names, best first
  unsigned threads = 1;              ///< the most that the code can use

  uint64_t arenaBytes = 0;  ///< with the runtime's header, for one thread
  uint64_t threadBytes = 0; ///< of the arena, for each further thread
  uint64_t arenaAlign = 64;
  uint64_t weightsBytes = 0;
  uint64_t codeBytes = 0; ///< of all variants, with descriptors
  uint64_t stackBytes = 0;
  uint64_t macs = 0;       ///< multiply-accumulates of one run
  uint64_t parameters = 0; ///< numbers in the model's initialisers
};

/// The version of contract.schema.json, which says what writeJson writes. It
/// grows where something that readers rely on changes its meaning or goes.
constexpr int kContractSchema = 1;

/// An element type: its numbers and names. Types that C lacks are carried in
/// integers of their size; `note` says so.
struct ElementTypeInfo {
  mlc_type type;
  unsigned bits;
  const char *name;  ///< "f32"
  const char *cType; ///< "float"
  const char *note;
};

/// The row of `type`; null if there is none.
const ElementTypeInfo *findElementType(mlc_type type);

/// `name` as a C and C++ identifier: other characters become single
/// underscores, keywords, predefined macros and leading digits are avoided;
/// never empty.
std::string cIdentifier(llvm::StringRef name);

/// Whether files and functions that begin with `prefix` could be taken for
/// others' in a program: the runtime's (mlc_...), and headers of the C library.
bool isReservedPrefix(llvm::StringRef prefix);

/// Gives every input and output its identifier, different in any case of
/// letters from each other and from the header's own words: "x:0" is x_0, a
/// second x is x_2.
void assignIdentifiers(ModelContract &contract);

/// Adds what `json`, the text of `fileName`, says:
///
///   {"doc": "...", "metadata": {"key": "value"},
///    "inputs": {"image": {"layout": "NHWC", "range": [0, 255], "scale": 0.1,
///       "zero_point": 3, "meaning": "...", "doc": "...", "labels": ["a", "b"],
///       "preprocessing": "text" or {"description": "...", "mean": [0.5],
///                                   "std": [0.2], "channel_order": "RGB"}}},
///    "outputs": {...}}
///
/// Every key is optional; inputs and outputs are named as in the model or in C.
/// Errors are "file: path: found and required"; nothing is changed then.
llvm::Error mergeContract(ModelContract &contract, llvm::StringRef json,
                          llvm::StringRef fileName);

/// The model's C11 and C++11 header: include guard, "mlc_runtime.h" (the text
/// of mlc::runtimeHeader(), which belongs beside it), sizes and shapes as
/// macros, arena, inputs and outputs types, functions, labels, a check of the
/// inputs' ranges, static assertions.
void writeHeader(const ModelContract &contract, llvm::raw_ostream &os);

/// The same as one JSON object. Keys are sorted; the text depends on the
/// contract alone.
void writeJson(const ModelContract &contract, llvm::raw_ostream &os);

} // namespace mlc

#endif // MLC_EMIT_CONTRACT_H
