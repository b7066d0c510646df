//===- Item.h - What a name of a model stands for ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX has sequences and optionals beside tensors. Both have a known structure
// at each point of a model that can be compiled, so they live in the importer
// alone: a sequence is the list of its tensors, an optional is what it holds or
// nothing. No op of the IR sees them.
//
//   Item pair = Item::sequence({a, b}, elementType);
//   Values carried = tensorsIn({pair, c}); // a, b, c
//   Items next = itemsLike({pair, c}, carried);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_ITEM_H
#define MLC_IMPORT_ITEM_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "onnx/onnx_pb.h"
#include "llvm/ADT/SmallVector.h"

#include <string>
#include <vector>

namespace mlc {

using Values = llvm::SmallVector<mlir::Value>;

class Item {
public:
  /// Nothing: what an omitted input is.
  Item() = default;
  Item(mlir::Value tensor) : kind(tensor ? Kind::tensor : Kind::none) {
    if (tensor)
      tensors.push_back(tensor);
  }
  /// `element` is each tensor's, null as long as none is in and tells it.
  static Item sequence(llvm::ArrayRef<mlir::Value> tensors, mlir::Type element);
  static Item emptyOptional();
  /// An optional that holds `held`, a tensor or a sequence.
  static Item optional(Item held);

  explicit operator bool() const { return kind != Kind::none; }
  bool isSequence() const { return kind == Kind::sequence && !isWrapped; }
  bool isOptional() const { return isWrapped; }
  bool isEmptyOptional() const { return kind == Kind::empty; }

  /// The tensor that the item is; null for anything else.
  mlir::Value tensor() const {
    return kind == Kind::tensor && !isWrapped ? tensors.front() : mlir::Value();
  }
  /// What an optional holds; the item itself where it is none.
  Item held() const;
  /// The tensors of a sequence, or the one of a tensor.
  llvm::ArrayRef<mlir::Value> elements() const { return tensors; }
  mlir::Type elementType() const;

  /// "a sequence of 3 tensors", or the type of a tensor in quotes.
  std::string describe() const;
  /// Whether both are alike but for the values of their tensors.
  bool hasFormOf(const Item &other) const;
  /// An item of this form with other tensors.
  Item withTensors(llvm::ArrayRef<mlir::Value> values) const;

private:
  enum class Kind { none, tensor, sequence, empty };
  Kind kind = Kind::none;
  bool isWrapped = false; ///< in an optional
  Values tensors;
  mlir::Type element; ///< of a sequence
};

using Items = llvm::SmallVector<Item, 2>;

/// All tensors of all items, one after the other.
Values tensorsIn(llvm::ArrayRef<Item> items);

/// Items of the forms of `forms` that hold `values`, as tensorsIn() gives them.
Items itemsLike(llvm::ArrayRef<Item> forms, llvm::ArrayRef<mlir::Value> values);

/// The ONNX types of items; default constructed for nothing.
std::vector<onnx::TypeProto> onnxTypes(llvm::ArrayRef<Item> items);

} // namespace mlc

#endif // MLC_IMPORT_ITEM_H
