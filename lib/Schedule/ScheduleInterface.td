//===- ScheduleInterface.td - who makes schedules ----------*- tablegen -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SCHEDULE_SCHEDULEINTERFACE_TD
#define MLC_SCHEDULE_SCHEDULEINTERFACE_TD

include "mlir/IR/OpBase.td"

def MLC_ScheduleOpInterface : OpInterface<"ScheduleOpInterface"> {
  let cppNamespace = "::mlc";
  let description = [{
    Attached to kernel ops by registerSchedules (KernelSchedule.h).
  }];
  let methods = [
    InterfaceMethod<"How it is computed; null where an operand's layout is none "
        "that an emitter reads.",
      "::mlir::kernel::ScheduleAttr", "makeSchedule",
      (ins "const ::mlc::ScheduleRequest &":$request)>
  ];
}

#endif // MLC_SCHEDULE_SCHEDULEINTERFACE_TD
