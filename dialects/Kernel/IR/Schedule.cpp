//===- Schedule.cpp - How a kernel op is computed -------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/IR/Kernel.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::kernel;

namespace {
/// Sizes of a schedule: of how many numbers they are made, all at least 1.
struct Sizes {
  StringRef name;
  DenseI64ArrayAttr values;
  int64_t multiple; ///< the count is one of it
  int64_t most;     ///< numbers
};
} // namespace

static LogicalResult verifySizes(function_ref<InFlightDiagnostic()> emitError,
                                 const Sizes &sizes) {
  if (!sizes.values)
    return success();
  // No register file, and no kernel that is written out, is near to it.
  constexpr int64_t largest = 1024;
  int64_t count = sizes.values.size();
  if (count == 0 || count % sizes.multiple || count > sizes.most)
    return emitError() << sizes.name << " has " << count
                       << " numbers, a multiple of " << sizes.multiple
                       << " up to " << sizes.most << " is required";
  for (int64_t value : sizes.values.asArrayRef())
    if (value < 1 || value > largest)
      return emitError() << sizes.name << " has a " << value << ", 1 to "
                         << largest << " is required";
  return success();
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t lanes, DenseI64ArrayAttr tile,
                                   DenseI64ArrayAttr rest, Merge, LoopOrder,
                                   Division, Prefetch, int64_t windowRegisters,
                                   int64_t leastSums, int64_t unroll,
                                   DenseI64ArrayAttr steps,
                                   DenseI64ArrayAttr epilogue, Unit,
                                   int64_t band, int64_t terms) {
  constexpr int64_t widest = 64;
  if (lanes < 1 || lanes > widest || !llvm::isPowerOf2_64(lanes))
    return emitError() << "lanes are " << lanes << ", a power of two up to "
                       << widest << " is required";
  for (const Sizes &sizes :
       {Sizes{"tile", tile, 2, 2}, Sizes{"rest", rest, 2, 64},
        Sizes{"steps", steps, 1, 8}, Sizes{"epilogue", epilogue, 2, 2}})
    if (failed(verifySizes(emitError, sizes)))
      return failure();
  if (windowRegisters < 0 || leastSums < 0 || band < 0 || terms < 0)
    return emitError() << "window_registers, least_sums, band and terms of at "
                          "least 0 are required";
  constexpr int64_t mostUnrolled = 64;
  if (unroll < 1 || unroll > mostUnrolled)
    return emitError() << "unroll is " << unroll << ", 1 to " << mostUnrolled
                       << " is required";
  return success();
}

ScheduleAttr kernel::scheduleOf(Operation *op) {
  return op->getAttrOfType<ScheduleAttr>(scheduleName);
}

LogicalResult
KernelDialect::verifyOperationAttribute(Operation *op,
                                        NamedAttribute attribute) {
  if (attribute.getName() != scheduleName)
    return op->emitOpError() << "has '" << attribute.getName().getValue()
                             << "', the only attribute of the dialect for "
                                "operations is '"
                             << scheduleName << "'";
  if (isa<KernelOpInterface>(op) && isa<ScheduleAttr>(attribute.getValue()))
    return success();
  return op->emitOpError() << "'" << scheduleName
                           << "' must be a #kernel.schedule on a kernel op";
}
