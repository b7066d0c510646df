//===- Postprocess.cpp - Scores as programs want them ---------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interface/Postprocess.h"

#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "Support/IoParts.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlc;

namespace {

/// One output, and what is put behind it.
class ScoreOutput {
public:
  ScoreOutput(func::FuncOp function, unsigned index, StringRef name,
              const IoType &given)
      : function(function),
        result(function.front().getTerminator()->getOpOperand(index)),
        name(name), given(given), builder(function.front().getTerminator()) {}

  LogicalResult check();
  /// The classes of the largest; null where all scores are wanted.
  Value rewrite();
  int64_t classes() const { return nn::shapeOf(result.get()).back(); }

private:
  InFlightDiagnostic refuse() {
    return emitError(function.getLoc()) << "--io=" << name << ": ";
  }
  template <typename OpTy, typename... Args>
  Value create(Args &&...args) {
    return OpTy::create(builder, function.getLoc(),
                        std::forward<Args>(args)...);
  }
  Value reshape(Value v, ArrayRef<int64_t> shape) {
    return create<nn::ReshapeOp>(RankedTensorType::get(shape, nn::elementOf(v)),
                                 v);
  }
  Value applyFunction(Value v);
  Value chosen(Value v, Value classes);

  func::FuncOp function;
  OpOperand &result;
  StringRef name;
  const IoType &given;
  OpBuilder builder;
};

} // namespace

LogicalResult ScoreOutput::check() {
  if (given.layout || given.channels || given.modelLayout ||
      given.modelChannels || !given.size.empty() || given.resize ||
      given.letterbox || !given.mean.empty() || !given.std.empty())
    return refuse() << "nhwc, rgb, mean, size and the like are for inputs";
  if (!given.function && !given.topK && given.labelsFile.empty())
    return success();
  ArrayRef<int64_t> shape = nn::shapeOf(result.get());
  if (shape.empty())
    return refuse() << "the model gives one number there, no classes";
  Type element = nn::elementOf(result.get());
  if (given.function && !isa<FloatType>(element))
    return refuse() << mlc::nameOf(*given.function)
                    << " is for floats, the model gives " << element;
  if (given.topK && element.isInteger(1))
    return refuse() << "top_k is for numbers, the model gives bools";
  if (given.topK && *given.topK > classes())
    return refuse() << "top_k=" << *given.topK << " of " << classes()
                    << " classes";
  auto index = result.getOperandNumber();
  if (given.topK && function.getResultAttr(index, "nn.counted"))
    return refuse() << "top_k is for a fixed number of scores; how many the "
                       "model gives depends on the data";
  return success();
}

Value ScoreOutput::applyFunction(Value v) {
  if (!given.function)
    return v;
  if (*given.function == OutputFunction::Sigmoid)
    return create<nn::SigmoidOp>(v);
  int64_t last = nn::shapeOf(v).size() - 1;
  return create<nn::SoftmaxOp>(v, builder.getI64IntegerAttr(last), UnitAttr());
}

/// Elements of `v` [..., n] at `classes` [..., k].
Value ScoreOutput::chosen(Value v, Value classes) {
  ArrayRef<int64_t> shape = nn::shapeOf(v);
  int64_t n = shape.back(), k = nn::shapeOf(classes).back(), rows = 1;
  for (int64_t size : shape.drop_back())
    rows *= size;
  SmallVector<int64_t> starts;
  for (int64_t row = 0; row < rows; ++row)
    starts.push_back(row * n);
  auto type = RankedTensorType::get({rows, 1}, builder.getI64Type());
  Value places = create<nn::AddOp>(
      reshape(classes, {rows, k}),
      create<nn::ConstantOp>(DenseElementsAttr::get(type, ArrayRef(starts))));
  Value found = create<nn::GatherOp>(reshape(v, {rows * n}), places,
                                     builder.getI64IntegerAttr(0));
  return reshape(found, nn::shapeOf(classes));
}

Value ScoreOutput::rewrite() {
  Value v = applyFunction(result.get());
  Value classes;
  if (given.topK) {
    int64_t last = nn::shapeOf(v).size() - 1;
    Value order = create<nn::OrderOp>(v, builder.getI64IntegerAttr(last),
                                      builder.getI64IntegerAttr(*given.topK),
                                      builder.getUnitAttr());
    v = chosen(v, order);
    auto narrow =
        RankedTensorType::get(nn::shapeOf(order), builder.getI32Type());
    classes = create<nn::CastOp>(narrow, order, nullptr);
  }
  result.set(v);
  return classes;
}

//===----------------------------------------------------------------------===//
// All outputs
//===----------------------------------------------------------------------===//

/// "scores_indices", or whatever longer name there is not yet.
static std::string freeName(func::FuncOp function, StringRef name) {
  llvm::StringSet<> taken;
  auto add = [&](DictionaryAttr attrs) {
    if (auto known = attrs ? attrs.getAs<StringAttr>("nn.name") : StringAttr())
      taken.insert(known.getValue());
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    add(function.getArgAttrDict(i));
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    add(function.getResultAttrDict(i));
  std::string result = name.str() + "_indices";
  while (taken.contains(result))
    result += "_";
  return result;
}

static void addResult(func::FuncOp function, Value value, StringRef name) {
  Operation *end = function.front().getTerminator();
  end->insertOperands(end->getNumOperands(), value);
  Builder b(function.getContext());
  auto attrs =
      b.getDictionaryAttr(b.getNamedAttr("nn.name", b.getStringAttr(name)));
  (void)function.insertResult(function.getNumResults(), value.getType(), attrs);
}

FailureOr<PostprocessingByName>
mlc::postprocessOutputs(func::FuncOp function, const IoTypesByName &types) {
  PostprocessingByName done;
  bool isValid = true;
  for (unsigned i = 0, count = function.getNumResults(); i < count; ++i) {
    auto name = function.getResultAttrOfType<StringAttr>(i, "nn.name");
    auto type = name ? types.find(name.getValue()) : types.end();
    if (type == types.end())
      continue;
    ScoreOutput output(function, i, type->first, type->second);
    if (failed(output.check())) {
      isValid = false;
      continue;
    }
    const IoType &given = type->second;
    if (!given.function && !given.topK && given.labelsFile.empty())
      continue;
    Postprocessing &result = done[type->first];
    result.classes = output.classes();
    if (Value classes = output.rewrite()) {
      result.indices = freeName(function, type->first);
      addResult(function, classes, result.indices);
    }
  }
  if (!isValid)
    return failure();
  function.setType(
      FunctionType::get(function.getContext(), function.getArgumentTypes(),
                        function.front().getTerminator()->getOperandTypes()));
  return done;
}
