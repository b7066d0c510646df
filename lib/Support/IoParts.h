//===- IoParts.h - What --io says of an input or output ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   image:u8,nhwc,rgb,scale=1/255,mean=0.485/0.456/0.406,std=0.229/0.224/0.225
//   scores:softmax,top_k=5,labels=labels.txt
//
//===----------------------------------------------------------------------===//

#ifndef MLC_SUPPORT_IOPARTS_H
#define MLC_SUPPORT_IOPARTS_H

#include "mlc/Options.h"

#include "llvm/ADT/StringRef.h"

namespace mlc {

/// Adds "name:part,..." to `types`, or replaces what they say of that name.
/// Names may hold ':' and ',', a file's name ':'. Returns what is wrong,
/// nothing where all is well.
std::optional<std::string> parseIoType(llvm::StringRef text,
                                       IoTypesByName &types);

/// The text of the part.
llvm::StringRef nameOf(IoElement value);
llvm::StringRef nameOf(ImageLayout value);
llvm::StringRef nameOf(ChannelOrder value);
llvm::StringRef nameOf(Resampling value);
llvm::StringRef nameOf(OutputFunction value);

} // namespace mlc

#endif // MLC_SUPPORT_IOPARTS_H
