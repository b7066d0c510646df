//===- Preprocess.cpp - Images as programs have them ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interface/Preprocess.h"

#include "Import/ResizeTaps.h"
#include "NN/IR/ConstantFold.h"
#include "NN/IR/NN.h"
#include "NN/IR/ShapeInference.h"
#include "Quantize/IoTypes.h"
#include "Quantize/Islands.h"
#include "Support/IoParts.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlc;

namespace {

/// Where the dimensions of an image are.
struct ImageDims {
  explicit ImageDims(ImageLayout layout)
      : channel(layout == ImageLayout::NHWC ? 3 : 1),
        height(layout == ImageLayout::NHWC ? 1 : 2), width(height + 1) {}
  int64_t channel, height, width;
};

/// One input: what the program hands over, and how it becomes the model's.
class ImageInput {
public:
  ImageInput(func::FuncOp function, unsigned index, StringRef name,
             IoType &given)
      : function(function), argument(function.getArgument(index)), name(name),
        given(given), builder(OpBuilder::atBlockBegin(&function.front())),
        model(ImageLayout::NCHW), program(ImageLayout::NCHW) {}

  /// Resolves what is not said. Errors: what cannot be.
  LogicalResult initialize();
  void rewrite();
  Preprocessing describe() const;

private:
  InFlightDiagnostic refuse() {
    return emitError(function.getLoc()) << "--io=" << name << ": ";
  }
  bool isImage() const {
    return given.layout || given.channels || given.modelLayout ||
           given.modelChannels || !given.size.empty() || given.resize ||
           given.letterbox;
  }
  bool isNormalised() const {
    return !given.mean.empty() || !given.std.empty();
  }
  /// Whether numbers change; else elements are moved, whatever they are.
  bool computes() const {
    return isNormalised() || given.letterbox ||
           (isResized() && resampling == Resampling::Bilinear) ||
           (isImage() && (given.scale || given.zeroPoint));
  }
  bool isResized() const {
    return inner[0] != source[0] || inner[1] != source[1];
  }
  ImageLayout layoutOfModel() const;
  LogicalResult initializeChannels();
  LogicalResult initializeSize();
  LogicalResult checkNumbers();
  LogicalResult checkList(StringRef part, ArrayRef<double> values);

  template <typename OpTy, typename... Args>
  Value create(Args &&...args) {
    return OpTy::create(builder, function.getLoc(),
                        std::forward<Args>(args)...);
  }
  Value cast(Value v, Type element);
  Value floats(ArrayRef<double> values);
  Value perChannel(std::vector<double> values);
  Value indices(ArrayRef<int64_t> values, ArrayRef<int64_t> shape);
  AxisTaps taps(unsigned axis) const;
  Value choose(Value v);
  Value interpolate(Value v);
  Value letterbox(Value v);
  Value real(Value v);
  Value normalise(Value v);
  Value arrangeChannels(Value v);

  func::FuncOp function;
  BlockArgument argument;
  StringRef name;
  IoType &given;
  OpBuilder builder;

  Type own, stored; ///< elements of the model, of the program
  ImageLayout modelLayout = ImageLayout::NCHW, layout = ImageLayout::NCHW;
  ImageDims model, program;
  int64_t modelChannels = 0, channels = 0;
  bool reverses = false;    ///< the order of channels
  bool isQuantized = false; ///< by the model
  Resampling resampling = Resampling::Bilinear;
  /// Heights and widths: of the program's image, what it becomes, the model's.
  std::array<int64_t, 2> source = {}, inner = {}, target = {};
  std::array<int64_t, 2> before = {}; ///< rows and columns of the letterbox
};

} // namespace

//===----------------------------------------------------------------------===//
// What is meant
//===----------------------------------------------------------------------===//

/// Channels are few: where they could be in one place only, they are there.
ImageLayout ImageInput::layoutOfModel() const {
  if (given.modelLayout)
    return *given.modelLayout;
  ArrayRef<int64_t> shape = nn::shapeOf(argument);
  auto isFew = [](int64_t size) { return size == 1 || size == 3 || size == 4; };
  return isFew(shape[3]) && !isFew(shape[1]) ? ImageLayout::NHWC
                                             : ImageLayout::NCHW;
}

LogicalResult ImageInput::initializeChannels() {
  channels = modelChannels;
  if (!given.channels) {
    if (given.modelChannels)
      return refuse() << "model=" << mlc::nameOf(*given.modelChannels)
                      << " needs the program's order, rgb or bgr";
    return success();
  }
  channels = *given.channels == ChannelOrder::Grey ? 1 : 3;
  bool isSpread = channels == 1 && modelChannels == 3;
  if (channels != modelChannels && !isSpread)
    return refuse() << mlc::nameOf(*given.channels) << " is for images of "
                    << (channels == 1 ? "1 or 3 channels" : "3 channels")
                    << ", the model's has " << modelChannels;
  ChannelOrder order = given.modelChannels.value_or(ChannelOrder::RGB);
  reverses = channels == 3 && *given.channels != order;
  return success();
}

LogicalResult ImageInput::initializeSize() {
  ArrayRef<int64_t> shape = nn::shapeOf(argument);
  target = {shape[model.height], shape[model.width]};
  source = inner = target;
  if (given.size.empty()) {
    if (given.resize || given.letterbox)
      return refuse() << (given.resize ? "resize" : "letterbox")
                      << " needs the size of the program's image, as "
                         "size=480x640";
    return success();
  }
  if (target[0] < 1 || target[1] < 1)
    return refuse() << "the model's image is empty";
  source = {given.size[0], given.size[1]};
  resampling = given.resize.value_or(Resampling::Bilinear);
  if (!given.letterbox)
    return success();
  double scale =
      std::min(double(target[0]) / source[0], double(target[1]) / source[1]);
  for (unsigned axis : {0, 1}) {
    int64_t size = std::llround(source[axis] * scale);
    inner[axis] = std::clamp<int64_t>(size, 1, target[axis]);
    before[axis] = (target[axis] - inner[axis]) / 2;
  }
  return success();
}

LogicalResult ImageInput::checkList(StringRef part, ArrayRef<double> values) {
  size_t count = values.size();
  if (count <= 1 || (isImage() && count == size_t(modelChannels)))
    return success();
  InFlightDiagnostic error = refuse()
                             << part << " has " << count << " values, ";
  if (isImage())
    return error << "1 or " << modelChannels
                 << " are required, one for each of the model's channels";
  return error << "1 is required where nothing says that it is an image, as "
                  "nhwc, nchw or rgb";
}

/// Of what is computed.
LogicalResult ImageInput::checkNumbers() {
  if (failed(checkList("mean", given.mean)) ||
      failed(checkList("std", given.std)))
    return failure();
  auto integer = dyn_cast<IntegerType>(stored);
  if (isa<IntegerType>(own) &&
      (isNormalised() || given.scale || given.zeroPoint))
    return refuse() << "mean, std, scale and zero are for models that have "
                       "floats there, this one has "
                    << own;
  if (isa<IntegerType>(own) && stored != own)
    return refuse() << "the model has " << own
                    << " there, which an image that is resized keeps";
  if ((given.scale || given.zeroPoint) && !integer)
    return refuse() << "scale and zero are for integers that stand for floats; "
                       "say which, as u8";
  if ((given.scale || given.zeroPoint) && integer.getWidth() > 16)
    return refuse() << "integers with a scale have 8 or 16 bits";
  if (!integer || !(given.letterbox || given.zeroPoint))
    return success();
  double most = std::ldexp(1.0, integer.getWidth() - !integer.isUnsigned());
  double least = integer.isUnsigned() ? 0 : -most;
  auto isIn = [&](double value) {
    return value >= least && value < most && value == std::floor(value);
  };
  if (given.zeroPoint && !isIn(double(*given.zeroPoint)))
    return refuse() << "zero point " << *given.zeroPoint
                    << " is not one of the pixel's values";
  if (given.letterbox && !isIn(*given.letterbox))
    return refuse() << "letterbox="
                    << llvm::formatv("{0}", *given.letterbox).str()
                    << " is not one of the pixel's values";
  return success();
}

LogicalResult ImageInput::initialize() {
  own = nn::elementOf(argument);
  stored =
      given.element ? ioElementType(*given.element, own.getContext()) : own;
  ArrayRef<int64_t> shape = nn::shapeOf(argument);
  if (given.function || given.topK || !given.labelsFile.empty())
    return refuse() << "softmax, sigmoid, top_k and labels are for outputs";
  if (own.isInteger(1) && (isImage() || isNormalised()))
    return refuse() << "the model has bools there, a byte each";
  if (!isImage())
    return checkNumbers();
  if (shape.size() != 4)
    return refuse() << "an image has 4 dimensions, the model has "
                    << shape.size() << " there";
  modelLayout = layoutOfModel();
  layout = given.layout.value_or(modelLayout);
  model = ImageDims(modelLayout);
  program = ImageDims(layout);
  modelChannels = shape[model.channel];
  return failure(failed(initializeChannels()) || failed(initializeSize()) ||
                 failed(checkNumbers()));
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

Value ImageInput::cast(Value v, Type element) {
  if (nn::elementOf(v) == element)
    return v;
  return create<nn::CastOp>(RankedTensorType::get(nn::shapeOf(v), element), v,
                            nullptr);
}

/// [n], or a scalar of one.
Value ImageInput::floats(ArrayRef<double> values) {
  SmallVector<int64_t> shape;
  if (values.size() != 1)
    shape.push_back(values.size());
  SmallVector<float> narrow(values.begin(), values.end());
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return create<nn::ConstantOp>(DenseElementsAttr::get(type, ArrayRef(narrow)));
}

/// `values` of the model's channels along those of the program's image.
Value ImageInput::perChannel(std::vector<double> values) {
  if (reverses && values.size() > 1)
    std::reverse(values.begin(), values.end());
  Value list = floats(values);
  if (values.size() == 1 || layout == ImageLayout::NHWC)
    return list;
  SmallVector<int64_t> shape = {int64_t(values.size()), 1, 1};
  return create<nn::ReshapeOp>(
      RankedTensorType::get(shape, builder.getF32Type()), list);
}

Value ImageInput::indices(ArrayRef<int64_t> values, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, builder.getI64Type());
  return create<nn::ConstantOp>(DenseElementsAttr::get(type, values));
}

/// At half-pixel centres, as OpenCV's INTER_LINEAR and Pillow's NEAREST.
AxisTaps ImageInput::taps(unsigned axis) const {
  AxisResize resize;
  resize.size = source[axis];
  resize.resized = inner[axis];
  resize.scale = double(inner[axis]) / double(source[axis]);
  resize.mode = resampling == Resampling::Nearest ? Interpolation::nearest
                                                  : Interpolation::linear;
  resize.nearest = NearestMode::preferCeil;
  return resizeTaps(resize);
}

Value ImageInput::choose(Value v) {
  for (unsigned axis : {0, 1}) {
    if (source[axis] == inner[axis])
      continue;
    AxisTaps chosen = taps(axis);
    v = create<nn::GatherOp>(v, indices(chosen.indices, {inner[axis]}),
                             axis ? program.width : program.height);
  }
  return v;
}

/// Whether rows are better made fewer, or more, before columns are: neighbours
/// of a row are chosen one by one, those of a column are vectors.
static bool areRowsFirst(std::array<int64_t, 2> from,
                         std::array<int64_t, 2> to) {
  constexpr int64_t oneByOne = 8;
  int64_t rowsFirst = to[0] * from[1] + oneByOne * to[0] * to[1];
  int64_t columnsFirst = oneByOne * from[0] * to[1] + to[0] * to[1];
  return rowsFirst <= columnsFirst;
}

/// In f32, then in the program's type if that is of integers.
Value ImageInput::interpolate(Value v) {
  v = cast(v, builder.getF32Type());
  bool isRowsFirst = areRowsFirst(source, inner);
  for (unsigned axis : {isRowsFirst ? 0u : 1u, isRowsFirst ? 1u : 0u}) {
    if (source[axis] == inner[axis])
      continue;
    AxisTaps found = taps(axis);
    SmallVector<int64_t> shape = {inner[axis], found.taps};
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    SmallVector<float> weights(found.weights.begin(), found.weights.end());
    Value factors =
        create<nn::ConstantOp>(DenseElementsAttr::get(type, ArrayRef(weights)));
    v = create<nn::ResampleOp>(v, indices(found.indices, shape), factors,
                               axis ? program.width : program.height);
  }
  return isa<IntegerType>(stored) ? cast(create<nn::RoundOp>(v), stored) : v;
}

Value ImageInput::letterbox(Value v) {
  SmallVector<int64_t> pads(8, 0);
  for (unsigned axis : {0, 1}) {
    int64_t dim = axis ? program.width : program.height;
    pads[dim] = before[axis];
    pads[4 + dim] = target[axis] - inner[axis] - before[axis];
  }
  auto type = RankedTensorType::get({}, nn::elementOf(v));
  Builder &b = builder;
  TypedAttr value =
      isa<IntegerType>(type.getElementType())
          ? TypedAttr(b.getIntegerAttr(type.getElementType(),
                                       int64_t(*given.letterbox)))
          : TypedAttr(b.getFloatAttr(type.getElementType(), *given.letterbox));
  Value constant = create<nn::ConstantOp>(
      DenseElementsAttr::get(type, ArrayRef<Attribute>(value)));
  return create<nn::PadOp>(v, constant, pads, nn::PadMode::constant);
}

/// What pixels stand for. Where the model quantises them, integers are
/// dequantised, if only by 1: its own arithmetic takes that up.
Value ImageInput::real(Value v) {
  auto integer = dyn_cast<IntegerType>(nn::elementOf(v));
  if (!integer || integer.getWidth() > 16 || !isQuantized) {
    v = cast(v, builder.getF32Type());
    if (given.zeroPoint.value_or(0) != 0)
      v = create<nn::SubOp>(v, floats({double(*given.zeroPoint)}));
    return given.scale ? create<nn::MulOp>(v, floats({*given.scale})) : v;
  }
  Parameters parameters;
  parameters.stored = integer;
  parameters.scales = {float(given.scale.value_or(1))};
  parameters.zeroPoints = {int32_t(given.zeroPoint.value_or(0))};
  return dequantizeStored(builder, function.getLoc(), v, parameters);
}

Value ImageInput::normalise(Value v) {
  if (!given.mean.empty())
    v = create<nn::SubOp>(v, perChannel(given.mean));
  if (!given.std.empty())
    v = create<nn::DivOp>(v, perChannel(given.std));
  return v;
}

Value ImageInput::arrangeChannels(Value v) {
  SmallVector<int64_t> shape(nn::shapeOf(v));
  if (shape[program.channel] != modelChannels) {
    shape[program.channel] = modelChannels;
    v = create<nn::BroadcastOp>(RankedTensorType::get(shape, nn::elementOf(v)),
                                v);
  }
  if (reverses)
    v = create<nn::GatherOp>(v, indices({2, 1, 0}, {3}), program.channel);
  if (layout == modelLayout)
    return v;
  SmallVector<int64_t> toModel = {0, 3, 1, 2};
  if (modelLayout == ImageLayout::NHWC)
    toModel = {0, 2, 3, 1};
  return create<nn::TransposeOp>(v, toModel);
}

void ImageInput::rewrite() {
  SmallVector<OpOperand *> uses = llvm::map_to_vector(
      argument.getUses(), [](OpOperand &use) { return &use; });
  isQuantized =
      llvm::any_of(argument.getUsers(), llvm::IsaPred<nn::QuantizeOp>);
  SmallVector<int64_t> shape(nn::shapeOf(argument));
  if (isImage()) {
    shape[program.channel] = channels;
    shape[program.height] = source[0];
    shape[program.width] = source[1];
  }
  argument.setType(RankedTensorType::get(shape, computes() ? stored : own));
  Value v = argument;
  if (isResized() && resampling == Resampling::Nearest)
    v = choose(v);
  if (computes()) {
    if (isResized() && resampling == Resampling::Bilinear)
      v = interpolate(v);
    if (given.letterbox)
      v = letterbox(v);
    if (isa<FloatType>(own))
      v = cast(normalise(real(v)), own);
    given.element.reset();
    given.scale.reset();
    given.zeroPoint.reset();
  }
  if (isImage())
    v = arrangeChannels(v);
  for (OpOperand *use : uses)
    use->set(v);
}

//===----------------------------------------------------------------------===//
// The contract
//===----------------------------------------------------------------------===//

Preprocessing ImageInput::describe() const {
  Preprocessing result;
  result.isCompiledIn = true;
  result.mean = given.mean;
  result.std = given.std;
  if (!isImage())
    return result;
  result.layout = StringRef(mlc::nameOf(layout)).upper();
  if (given.channels)
    result.channelOrder = *given.channels == ChannelOrder::Grey
                              ? "grey"
                              : StringRef(mlc::nameOf(*given.channels)).upper();
  if (given.size.empty())
    return result;
  ImageResize resize;
  resize.from = source;
  resize.to = target;
  if (isResized())
    resize.method = mlc::nameOf(resampling).str();
  if (given.letterbox)
    resize.letterbox = {*given.letterbox, before, inner};
  result.resize = resize;
  return result;
}

/// Whether anything is said that is not setIoTypes'.
static bool isForPreprocess(const IoType &type) {
  return type.layout || type.channels || type.modelLayout ||
         type.modelChannels || !type.size.empty() || type.resize ||
         type.letterbox || !type.mean.empty() || !type.std.empty() ||
         type.function || type.topK || !type.labelsFile.empty();
}

FailureOr<PreprocessingByName> mlc::preprocessInputs(func::FuncOp function,
                                                     IoTypesByName &types) {
  PreprocessingByName done;
  bool isValid = true;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    auto name = function.getArgAttrOfType<StringAttr>(i, "nn.name");
    auto type = name ? types.find(name.getValue()) : types.end();
    if (type == types.end() || !isForPreprocess(type->second))
      continue;
    ImageInput input(function, i, type->first, type->second);
    if (failed(input.initialize())) {
      isValid = false;
      continue;
    }
    done[type->first] = input.describe();
    input.rewrite();
  }
  if (!isValid)
    return failure();
  function.setType(FunctionType::get(function.getContext(),
                                     function.front().getArgumentTypes(),
                                     function.getResultTypes()));
  return done;
}
