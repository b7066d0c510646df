//===- IoTypes.cpp - Element types that a program wants -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/IoTypes.h"

#include "NN/IR/ShapeInference.h"
#include "Quantize/Islands.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlc;

Type mlc::ioElementType(IoElement element, MLIRContext *context) {
  auto integer = [&](unsigned width, bool isUnsigned) {
    return IntegerType::get(context, width,
                            isUnsigned ? IntegerType::Unsigned
                                       : IntegerType::Signless);
  };
  switch (element) {
  case IoElement::U8:
    return integer(8, true);
  case IoElement::I8:
    return integer(8, false);
  case IoElement::U16:
    return integer(16, true);
  case IoElement::I16:
    return integer(16, false);
  case IoElement::U32:
    return integer(32, true);
  case IoElement::I32:
    return integer(32, false);
  case IoElement::F16:
    return Float16Type::get(context);
  case IoElement::BF16:
    return BFloat16Type::get(context);
  case IoElement::F32:
    return Float32Type::get(context);
  }
  llvm_unreachable("no such element");
}

/// "u8", as options write it.
static std::string nameOf(Type type) {
  if (type.isUnsignedInteger())
    return "u" + std::to_string(type.getIntOrFloatBitWidth());
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

static unsigned widthOf(Type type) { return type.getIntOrFloatBitWidth(); }

/// Whether every integer of `narrow` is one of `wide`.
static bool holds(Type wide, Type narrow) {
  bool isWideUnsigned = wide.isUnsignedInteger();
  if (isWideUnsigned == narrow.isUnsignedInteger())
    return widthOf(wide) >= widthOf(narrow);
  return !isWideUnsigned && widthOf(wide) > widthOf(narrow);
}

static Value cast(OpBuilder &builder, Location loc, Value v, Type element) {
  if (nn::elementOf(v) == element)
    return v;
  return nn::CastOp::create(
      builder, loc, RankedTensorType::get(nn::shapeOf(v), element), v, nullptr);
}

namespace {

/// One input or output, and the type that it is to have.
class IoTensor {
public:
  /// `own` is what the model has there.
  IoTensor(func::FuncOp function, StringRef name, const IoType &given, Type own)
      : function(function), name(name), given(given), own(own),
        wanted(given.element
                   ? ioElementType(*given.element, function.getContext())
                   : own) {}

  LogicalResult changeArgument(unsigned index);
  LogicalResult changeResult(unsigned index);

private:
  InFlightDiagnostic refuse() {
    return emitError(function.getLoc())
           << "--io=" << name << ":" << nameOf(wanted) << ": ";
  }
  LogicalResult checkKind();
  bool hasParameters() const { return given.scale || given.zeroPoint; }
  /// Of --io, or the model's own `found` in the type that is wanted.
  FailureOr<Parameters> parametersFor(const std::optional<Parameters> &found);
  FailureOr<Value> fromProgram(OpBuilder &builder, Value v,
                               const std::optional<Parameters> &found);
  FailureOr<Value> toProgram(OpBuilder &builder, Value v,
                             const std::optional<Parameters> &found);

  func::FuncOp function;
  StringRef name;
  const IoType &given;
  Type own, wanted;
};

/// How the readers of a tensor quantise it.
struct Readers {
  std::optional<Parameters> common;
  bool differ = false; ///< not all of them, or not alike, or by the channel

  void visit(Value v) {
    for (OpOperand &use : v.getUses()) {
      Operation *user = use.getOwner();
      if (movesStored(user) && use.getOperandNumber() == 0) {
        visit(user->getResult(0));
        continue;
      }
      auto op = dyn_cast<nn::QuantizeOp>(user);
      std::optional<Parameters> p;
      if (op && use.getOperandNumber() == 0)
        p = parametersOf(op);
      hasOthers |= !op;
      isQuantized |= op != nullptr;
      differ |= op && (!p || !p->isPerTensor() || (common && !(*common == *p)));
      common = p;
    }
    differ |= isQuantized && hasOthers;
  }

private:
  bool hasOthers = false, isQuantized = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// Numbers and integers
//===----------------------------------------------------------------------===//

/// What a conversion between the two types could not mean.
LogicalResult IoTensor::checkKind() {
  if (own.isInteger(1))
    return refuse() << "the model has bools there, a byte each";
  if (isa<IntegerType>(own) && isa<FloatType>(wanted))
    return refuse() << "the model has integers there, " << nameOf(own);
  bool isQuantized = isa<FloatType>(own) && isa<IntegerType>(wanted);
  if (hasParameters() && !isQuantized)
    return refuse() << "scale and zero are for integers that stand for floats; "
                       "the model has "
                    << nameOf(own);
  if (hasParameters() && widthOf(wanted) > 16)
    return refuse() << "integers with a scale have 8 or 16 bits";
  return success();
}

FailureOr<Parameters>
IoTensor::parametersFor(const std::optional<Parameters> &found) {
  Parameters p;
  p.stored = wanted;
  if (hasParameters()) {
    p.scales = {static_cast<float>(given.scale.value_or(1))};
    p.zeroPoints = {static_cast<int32_t>(given.zeroPoint.value_or(0))};
  } else if (found && widthOf(found->stored) == widthOf(wanted)) {
    int32_t half = 1 << (widthOf(wanted) - 1);
    bool wasUnsigned = found->stored.isUnsignedInteger();
    bool isUnsigned = wanted.isUnsignedInteger();
    p.scales = {found->scale()};
    p.zeroPoints = {found->zeroPoint() + half * (isUnsigned - wasUnsigned)};
  } else {
    return FailureOr<Parameters>(
        refuse() << "the model quantises it to " << nameOf(found->stored)
                 << "; take that, or say what the integers mean: --io=" << name
                 << ":" << nameOf(wanted) << ",scale=...,zero=...");
  }
  StoredRange range = p.range();
  int64_t zero = given.zeroPoint.value_or(p.zeroPoint());
  if (zero < range.low || zero > range.high)
    return FailureOr<Parameters>(refuse()
                                 << "zero point " << zero << " is not within "
                                 << range.low << " to " << range.high);
  return p;
}

FailureOr<Value> IoTensor::fromProgram(OpBuilder &builder, Value v,
                                       const std::optional<Parameters> &found) {
  Location loc = function.getLoc();
  bool isQuantized = isa<FloatType>(own) && isa<IntegerType>(wanted) &&
                     (found || hasParameters());
  if (!isQuantized)
    return cast(builder, loc, v, own);
  FailureOr<Parameters> p = parametersFor(found);
  if (failed(p))
    return failure();
  return cast(builder, loc, dequantizeStored(builder, loc, v, *p), own);
}

FailureOr<Value> IoTensor::toProgram(OpBuilder &builder, Value v,
                                     const std::optional<Parameters> &found) {
  Location loc = function.getLoc();
  if (!isa<FloatType>(nn::elementOf(v)) || !isa<IntegerType>(wanted))
    return cast(builder, loc, v, wanted);
  if (!found && !hasParameters())
    return FailureOr<Value>(
        refuse() << "the model gives floats there; say what the integers "
                    "mean: --io="
                 << name << ":" << nameOf(wanted) << ",scale=...,zero=...");
  FailureOr<Parameters> p = parametersFor(found);
  if (failed(p))
    return failure();
  Value f32 = cast(builder, loc, v, builder.getF32Type());
  return quantizeTo(builder, loc, f32, *p);
}

//===----------------------------------------------------------------------===//
// Arguments and results
//===----------------------------------------------------------------------===//

LogicalResult IoTensor::changeArgument(unsigned index) {
  BlockArgument argument = function.getArgument(index);
  if (own == wanted && !hasParameters())
    return success();
  if (failed(checkKind()))
    return failure();
  if (isa<IntegerType>(own) && !holds(own, wanted))
    return refuse() << "not all of its values are ones of the model's "
                    << nameOf(own);
  Readers readers;
  readers.visit(argument);
  if (readers.differ && isa<IntegerType>(wanted) && !hasParameters())
    return refuse() << "the model reads it in several ways; say what the "
                       "integers mean: --io="
                    << name << ":" << nameOf(wanted) << ",scale=...,zero=...";
  OpBuilder builder = OpBuilder::atBlockBegin(&function.front());
  auto type = RankedTensorType::get(nn::shapeOf(argument), wanted);
  // A stand-in for the argument while its uses are another's.
  auto uses = llvm::map_to_vector(argument.getUses(),
                                  [](OpOperand &use) { return &use; });
  argument.setType(type);
  FailureOr<Value> value = fromProgram(builder, argument, readers.common);
  if (failed(value))
    return failure();
  for (OpOperand *use : uses)
    use->set(*value);
  return success();
}

/// The parameters of the integers that `v` was before it was dequantised.
static std::optional<Parameters> origin(Value v) {
  while (v.getDefiningOp() && movesStored(v.getDefiningOp()))
    v = v.getDefiningOp()->getOperand(0);
  std::optional<Dequantized> dequantized = matchDequantized(v);
  return dequantized ? std::optional(dequantized->parameters) : std::nullopt;
}

LogicalResult IoTensor::changeResult(unsigned index) {
  OpOperand &result = function.front().getTerminator()->getOpOperand(index);
  if (own == wanted && !hasParameters())
    return success();
  if (failed(checkKind()))
    return failure();
  OpBuilder builder(function.front().getTerminator());
  FailureOr<Value> value =
      toProgram(builder, result.get(), origin(result.get()));
  if (failed(value))
    return failure();
  result.set(*value);
  return success();
}

static void updateType(func::FuncOp function) {
  function.setType(FunctionType::get(
      function.getContext(), function.front().getArgumentTypes(),
      function.front().getTerminator()->getOperandTypes()));
}

/// "'image', 'mask'"
static std::string namesOf(const llvm::StringSet<> &names) {
  SmallVector<StringRef> sorted(names.keys());
  llvm::sort(sorted);
  std::string text;
  for (StringRef name : sorted)
    text += (text.empty() ? "'" : ", '") + name.str() + "'";
  return text;
}

LogicalResult mlc::setIoTypes(func::FuncOp function,
                              const IoTypesByName &types) {
  llvm::StringSet<> names;
  bool isValid = true;
  auto find = [&](DictionaryAttr attrs) {
    auto name = attrs ? attrs.getAs<StringAttr>("nn.name") : StringAttr();
    if (name)
      names.insert(name.getValue());
    return name ? types.find(name.getValue()) : types.end();
  };
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (auto type = find(function.getArgAttrDict(i)); type != types.end())
      isValid &= succeeded(IoTensor(function, type->first, type->second,
                                    nn::elementOf(function.getArgument(i)))
                               .changeArgument(i));
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    if (auto type = find(function.getResultAttrDict(i)); type != types.end())
      isValid &= succeeded(
          IoTensor(
              function, type->first, type->second,
              nn::elementOf(function.front().getTerminator()->getOperand(i)))
              .changeResult(i));
  for (const auto &[name, type] : types)
    if (!names.contains(name)) {
      emitError(function.getLoc())
          << "--io=" << name << ":...: no such input or output; the model has "
          << namesOf(names);
      isValid = false;
    }
  if (isValid)
    updateType(function);
  return success(isValid);
}
