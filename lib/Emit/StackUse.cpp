//===- StackUse.cpp - how much stack a model needs ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/StackUse.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/DataExtractor.h"

using namespace llvm;
using namespace mlc;
using object::SectionRef;
using object::SymbolRef;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// The functions that `from`'s instructions reach through operands and the
/// constants behind them.
static std::set<std::string> referenced(const Function &from) {
  std::set<std::string> result;
  DenseSet<const Value *> seen;
  SmallVector<const User *> work;
  for (const BasicBlock &block : from)
    for (const Instruction &instruction : block)
      work.push_back(&instruction);
  while (!work.empty()) {
    const User *user = work.pop_back_val();
    for (const Value *operand : user->operand_values()) {
      auto *function = dyn_cast<Function>(operand);
      if (function)
        result.insert(function->getName().str());
      auto *constant = dyn_cast<Constant>(operand);
      if (!constant || function || !seen.insert(constant).second)
        continue;
      work.push_back(constant);
    }
  }
  return result;
}

CallGraph mlc::callGraph(const Module &module) {
  CallGraph graph;
  for (const Function &function : module)
    if (!function.isDeclaration())
      graph[function.getName().str()] = referenced(function);
  return graph;
}

//===----------------------------------------------------------------------===//
// Frames
//===----------------------------------------------------------------------===//

/// The function that starts at `value` in section `index`.
using FunctionsByPlace = std::map<std::pair<uint64_t, uint64_t>, std::string>;

static Expected<FunctionsByPlace>
functionsByPlace(const object::ELFObjectFileBase &object) {
  FunctionsByPlace functions;
  for (object::ELFSymbolRef symbol : object.symbols()) {
    if (symbol.getELFType() != ELF::STT_FUNC)
      continue;
    Expected<object::section_iterator> section = symbol.getSection();
    if (!section)
      return section.takeError();
    if (*section == object.section_end())
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    Expected<uint64_t> value = symbol.getValue();
    if (!value)
      return value.takeError();
    // Thumb marks the low bit.
    uint64_t place = *value & ~uint64_t(object.getArch() == Triple::thumb);
    functions[{(*section)->getIndex(), place}] = name->str();
  }
  return functions;
}

/// The function a record is about: the target of the relocation of its address.
static Expected<std::string> functionOf(const object::ELFObjectFileBase &object,
                                        const object::RelocationRef &relocation,
                                        uint64_t inPlace,
                                        const FunctionsByPlace &functions) {
  object::symbol_iterator symbol = relocation.getSymbol();
  if (symbol == object.symbol_end())
    return fail(".stack_sizes: a relocation without symbol");
  Expected<object::section_iterator> section = symbol->getSection();
  if (!section)
    return section.takeError();
  Expected<uint64_t> value = symbol->getValue();
  if (!value)
    return value.takeError();
  // REL targets (Arm) keep the addend in the section.
  Expected<int64_t> addend = object::ELFRelocationRef(relocation).getAddend();
  if (!addend) {
    consumeError(addend.takeError());
    addend = inPlace;
  }
  auto found = functions.find({(*section)->getIndex(), *value + *addend});
  if (found == functions.end())
    return fail(".stack_sizes: a record about no function");
  return found->second;
}

static Error readFrames(const object::ELFObjectFileBase &object,
                        const SectionRef &records,
                        std::map<uint64_t, object::RelocationRef> &relocations,
                        const FunctionsByPlace &functions,
                        std::map<std::string, uint64_t> &frames) {
  Expected<StringRef> contents = records.getContents();
  if (!contents)
    return contents.takeError();
  DataExtractor data(*contents, object.isLittleEndian(),
                     object.getBytesInAddress());
  DataExtractor::Cursor cursor(0);
  while (cursor && cursor.tell() < contents->size()) {
    auto relocation = relocations.find(cursor.tell());
    uint64_t inPlace = data.getAddress(cursor);
    uint64_t size = data.getULEB128(cursor);
    if (!cursor || relocation == relocations.end())
      break;
    Expected<std::string> name =
        functionOf(object, relocation->second, inPlace, functions);
    if (!name) {
      consumeError(cursor.takeError());
      return name.takeError();
    }
    frames[*name] = size;
  }
  bool complete = cursor && cursor.tell() >= contents->size();
  if (Error error = cursor.takeError())
    return error;
  return complete ? Error::success()
                  : fail(".stack_sizes: a record without relocation");
}

Expected<std::map<std::string, uint64_t>>
mlc::stackFrames(MemoryBufferRef buffer) {
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createELFObjectFile(buffer);
  if (!file)
    return file.takeError();
  const auto &object = cast<object::ELFObjectFileBase>(**file);
  Expected<FunctionsByPlace> functions = functionsByPlace(object);
  if (!functions)
    return functions.takeError();
  // Relocation sections name the section they are for.
  std::map<uint64_t, std::map<uint64_t, object::RelocationRef>> relocations;
  for (const SectionRef &section : object.sections()) {
    Expected<object::section_iterator> target = section.getRelocatedSection();
    if (!target)
      return target.takeError();
    if (*target != object.section_end())
      for (const object::RelocationRef &relocation : section.relocations())
        relocations[(*target)->getIndex()].emplace(relocation.getOffset(),
                                                   relocation);
  }
  std::map<std::string, uint64_t> frames;
  for (const SectionRef &section : object.sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    if (*name != ".stack_sizes")
      continue;
    if (Error error =
            readFrames(object, section, relocations[section.getIndex()],
                       *functions, frames))
      return std::move(error);
  }
  return frames;
}

//===----------------------------------------------------------------------===//
// Depth
//===----------------------------------------------------------------------===//

namespace {

class DepthFinder {
public:
  DepthFinder(const CallGraph &calls,
              const std::map<std::string, uint64_t> &frames)
      : calls(calls), frames(frames) {}

  Expected<uint64_t> depth(const std::string &function) {
    auto known = depths.find(function);
    if (known != depths.end())
      return known->second;
    auto frame = frames.find(function);
    if (frame == frames.end())
      return fail("the stack frame of '" + function + "' has no fixed size");
    if (!active.insert(function).second)
      return fail("'" + function + "' calls itself");
    uint64_t deepest = 0;
    auto callees = calls.find(function);
    if (callees != calls.end())
      for (const std::string &callee : callees->second) {
        if (!calls.count(callee))
          continue; // of another object: kForeignStack
        Expected<uint64_t> below = depth(callee);
        if (!below)
          return below;
        deepest = std::max(deepest, *below);
      }
    active.erase(function);
    return depths[function] = frame->second + kReturnAddress + deepest;
  }

private:
  /// Pushed by the call itself on x86; elsewhere part of the frame, where it
  /// makes the figure a little too large.
  static constexpr uint64_t kReturnAddress = 8;

  const CallGraph &calls;
  const std::map<std::string, uint64_t> &frames;
  std::map<std::string, uint64_t> depths;
  std::set<std::string> active;
};

} // namespace

Expected<uint64_t> mlc::stackUse(MemoryBufferRef object, const CallGraph &calls,
                                 StringRef root) {
  Expected<std::map<std::string, uint64_t>> frames = stackFrames(object);
  if (!frames)
    return frames.takeError();
  Expected<uint64_t> depth = DepthFinder(calls, *frames).depth(root.str());
  if (!depth)
    return depth.takeError();
  return *depth + kForeignStack;
}
