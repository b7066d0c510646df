//===- Resolve.cpp - from --target and --cpu to TargetInfo ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeObjects/CpuFeatures.h"
#include "RuntimeObjects/RuntimeObjects.h"
#include "Target/TargetTables.h"
#include "mlc/runtime.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/bit.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/ARMTargetParser.h"
#include "llvm/TargetParser/Host.h"
#include <mutex>
#include <unistd.h>

using namespace llvm;
using namespace mlc;
using namespace mlc::tables;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

static void registerBackends() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (const ArchRow &row : archs())
      row.registerBackend();
  });
}

/// "unknown cpu 'cortex-a67': did you mean ...? known are ..." One edit in
/// three letters still counts as near.
static Error unknown(const Twine &what, StringRef word,
                     ArrayRef<std::string> listed,
                     ArrayRef<std::string> accepted) {
  std::vector<std::pair<unsigned, std::string>> near;
  unsigned limit = std::max<size_t>(1, word.size() / 3);
  for (const std::string &name : accepted) {
    unsigned distance = word.edit_distance_insensitive(name, true, limit);
    if (distance <= limit)
      near.emplace_back(distance, name);
  }
  llvm::sort(near);
  near.erase(llvm::unique(near), near.end());
  std::string hint;
  for (size_t i = 0; i < near.size() && i < 3; ++i)
    hint += (i ? ", '" : "did you mean '") + near[i].second + "'";
  return fail("unknown " + what + " '" + word + "'" +
              (hint.empty() ? "" : ": " + hint + "?") +
              (hint.empty() ? "; " : " ") + "known: " + join(listed, ", "));
}

//===----------------------------------------------------------------------===//
// Triples
//===----------------------------------------------------------------------===//

static const ArchRow *findArch(Arch arch) {
  const ArchRow *row = llvm::find_if(
      archs(), [&](const ArchRow &row) { return row.arch == arch; });
  return row == archs().end() ? nullptr : row;
}

static Error unknownTriple(StringRef text) {
  std::vector<std::string> names;
  for (const ArchRow &row : archs())
    names.push_back(row.exampleTriple);
  return unknown("target", text, names, names);
}

/// "arm-linux-gnueabihf" is what Debian calls Armv7-A; LLVM would take Armv4T.
static void raiseArmVersion(Triple &triple) {
  if (triple.getArch() == Triple::arm &&
      triple.getSubArch() == Triple::NoSubArch)
    triple.setArchName("armv7");
}

static std::string systemsOf(const ArchRow &arch) {
  SmallVector<StringRef> words{arch.exampleTriple};
  SplitString(arch.otherTriples, words);
  return join(words, ", ");
}

static Expected<Triple> resolveTriple(StringRef text) {
  Triple triple(text.empty() ? sys::getProcessTriple()
                             : Triple::normalize(text));
  const ArchRow *arch = findArch(triple.getArch());
  if (!arch)
    return unknownTriple(text.empty() ? StringRef(triple.str()) : text);
  if (!text.contains('-') && !text.empty())
    triple = Triple(Triple::normalize(arch->exampleTriple));
  raiseArmVersion(triple);
  if (triple.getArch() == Triple::arm && !triple.isHardFloatABI() &&
      !triple.isAndroid())
    return fail("target '" + text +
                "': a soft float ABI, required is a hard "
                "float one such as armv7-linux-gnueabihf");
  if (runtimeObject(triple).empty())
    return fail("target '" + text +
                "': a system that mlc has no runtime for; " + "known for " +
                triple.getArchName() + ": " + systemsOf(*arch));
  return triple;
}

//===----------------------------------------------------------------------===//
// CPUs
//===----------------------------------------------------------------------===//

namespace {

/// What --cpu names may be for one triple, and what LLVM says of them.
class CpuResolver {
public:
  static Expected<CpuResolver> create(const Triple &triple);
  Expected<TargetInfo> resolve(StringRef word) const;

private:
  CpuResolver(const Triple &triple, const Target *target);
  std::vector<std::string> knownCpus() const;
  Error findCpu(StringRef name, TargetInfo &info) const;
  Error addExtension(StringRef name, TargetInfo &info) const;
  Error describe(TargetInfo &info) const;
  Error setVectors(const StringSet<> &enabled, TargetInfo &info) const;
  Error setNative(TargetInfo &info) const;

  Triple triple;
  const Target *target;
  std::vector<std::string> llvmCpus;
};

} // namespace

CpuResolver::CpuResolver(const Triple &triple, const Target *target)
    : triple(triple), target(target) {
  std::unique_ptr<MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, "", ""));
  for (const SubtargetSubTypeKV &cpu : subtarget->getAllProcessorDescriptions())
    llvmCpus.push_back(cpu.Key);
}

Expected<CpuResolver> CpuResolver::create(const Triple &triple) {
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return fail("target '" + triple.str() + "': " + message);
  return CpuResolver(triple, target);
}

std::vector<std::string> CpuResolver::knownCpus() const {
  std::vector<std::string> names{"native"};
  for (const CpuRow &row : cpus())
    if (row.arch == triple.getArch())
      names.push_back(row.name);
  return names;
}

/// Kernels and sandboxes may refuse what the CPU has.
static bool mayUseAmx() {
#if defined(__x86_64__)
  return mlc_cpu_features_amx() != 0;
#else
  return false;
#endif
}

Error CpuResolver::setNative(TargetInfo &info) const {
  if (Triple(sys::getProcessTriple()).getArch() != triple.getArch())
    return fail("cpu 'native' is the host's, which is no '" +
                triple.getArchName() + "'");
  info.cpu = sys::getHostCPUName();
  std::vector<std::string> words;
  bool grantsAmx = mayUseAmx();
  for (const auto &feature : sys::getHostCPUFeatures()) {
    bool isThere =
        feature.second && (grantsAmx || !feature.first().starts_with("amx-"));
    words.push_back((isThere ? "+" : "-") + feature.first().str());
  }
  llvm::sort(words);
  info.features = join(words, ",");
  return Error::success();
}

/// LLVM's 32-bit Arm processors name no FPU of their own: it is an option of
/// the core. The one that compilers assume is taken.
static std::string defaultArmFpu(StringRef cpu) {
  std::vector<StringRef> features;
  ARM::getFPUFeatures(ARM::getDefaultFPU(cpu, ARM::ArchKind::ARMV7A), features);
  erase_if(features, [](StringRef f) { return f.starts_with("-"); });
  return join(features, ",");
}

/// As the C library reads them, for a CPU that the table does not have, or that
/// a virtual machine gives another name.
static void setNativeCaches(TargetInfo &info) {
#if defined(_SC_LEVEL1_DCACHE_SIZE) && defined(_SC_LEVEL2_CACHE_SIZE)
  long l1d = sysconf(_SC_LEVEL1_DCACHE_SIZE);
  long l2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
  constexpr long least = 8 << 10, most = 64 << 20;
  if (l1d < least || l2 < l1d || l2 > most)
    return;
  info.l1d = unsigned(l1d);
  info.l2 = unsigned(l2);
#endif
}

Error CpuResolver::findCpu(StringRef name, TargetInfo &info) const {
  if (name == "native")
    if (Error error = setNative(info))
      return error;
  StringRef key = name == "native" ? StringRef(info.cpu) : name;
  for (const CpuRow &row : cpus())
    if (row.arch == triple.getArch() && key == row.name) {
      info.l1d = row.l1d;
      info.l2 = row.l2;
      info.unitBits = row.unitBits;
      if (name != "native") {
        info.cpu = row.llvmCpu;
        info.features = row.features;
      }
      return Error::success();
    }
  if (name == "native") {
    setNativeCaches(info);
    return Error::success();
  }
  if (is_contained(llvmCpus, name)) {
    info.cpu = name.str();
    if (triple.isARM())
      info.features = defaultArmFpu(name);
    return Error::success();
  }
  std::vector<std::string> listed = knownCpus(), accepted = listed;
  llvm::append_range(accepted, llvmCpus);
  return unknown("cpu", name, listed, accepted);
}

Error CpuResolver::addExtension(StringRef name, TargetInfo &info) const {
  std::vector<std::string> names;
  for (const ExtensionRow &row : extensions()) {
    if (row.arch != triple.getArch())
      continue;
    names.push_back(row.name);
    if (name != row.name)
      continue;
    SmallVector<StringRef> words;
    SplitString(row.llvmFeatures, words);
    for (StringRef word : words)
      info.features += (info.features.empty() ? "+" : ",+") + word.str();
    return Error::success();
  }
  return unknown("extension of " + Twine(info.name), name, names, names);
}

static bool hasAll(const StringSet<> &enabled, StringRef features) {
  SmallVector<StringRef> needed;
  SplitString(features, needed);
  return all_of(needed, [&](StringRef f) { return enabled.contains(f); });
}

Error CpuResolver::setVectors(const StringSet<> &enabled,
                              TargetInfo &info) const {
  for (const VectorRow &row : vectors()) {
    if (row.arch != triple.getArch() || !hasAll(enabled, row.llvmFeatures))
      continue;
    info.vectorBits = row.bits;
    if (!info.unitBits || info.unitBits > row.bits)
      info.unitBits = row.bits;
    info.vectorRegisters = row.registers;
    for (GemmTile tile : row.tiles)
      if (tile.rows)
        info.gemmTiles.push_back(tile);
    return Error::success();
  }
  return fail("cpu '" + info.name + "' has no vector unit that mlc knows for " +
              triple.getArchName());
}

Error CpuResolver::describe(TargetInfo &info) const {
  std::unique_ptr<MCSubtargetInfo> subtarget(
      target->createMCSubtargetInfo(triple, info.cpu, info.features));
  info.runtimeFeatures = requiredFeatures(*subtarget);
  StringSet<> enabled;
  for (const SubtargetFeatureKV &f : subtarget->getEnabledProcessorFeatures())
    enabled.insert(f.Key);
  StringRef required = findArch(triple.getArch())->requiredFeature;
  if (!enabled.contains(required))
    return fail("cpu '" + info.name + "' lacks '" + required +
                "', which mlc requires on " + triple.getArchName());
  for (const FeatureRow &row : tables::features())
    if (row.arch == triple.getArch() && enabled.contains(row.llvmFeature))
      info.*row.property = true;
  for (const ByteUnitRow &row : byteUnits())
    if (row.arch == triple.getArch() && hasAll(enabled, row.llvmFeatures)) {
      info.byteUnit = row.unit;
      info.byteLookup = row.lookup;
      break;
    }
  if (Error error = setVectors(enabled, info))
    return error;
  return info.validate();
}

Expected<TargetInfo> CpuResolver::resolve(StringRef word) const {
  TargetInfo info;
  info.triple = triple;
  info.name = word.str();
  SmallVector<StringRef> parts;
  word.split(parts, '+');
  if (Error error = findCpu(parts.front(), info))
    return error;
  for (StringRef extension : drop_begin(parts))
    if (Error error = addExtension(extension, info))
      return error;
  if (Error error = describe(info))
    return error;
  return info;
}

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

static bool better(const TargetInfo &a, const TargetInfo &b) {
  auto rank = [](const TargetInfo &info) {
    return std::make_tuple(info.vectorBits, popcount(info.runtimeFeatures),
                           StringRef(info.name));
  };
  return rank(a) > rank(b);
}

Expected<std::vector<TargetInfo>> mlc::resolveTargets(StringRef tripleText,
                                                      StringRef cpuList) {
  registerBackends();
  Expected<Triple> triple = resolveTriple(tripleText);
  if (!triple)
    return triple.takeError();
  Expected<CpuResolver> resolver = CpuResolver::create(*triple);
  if (!resolver)
    return resolver.takeError();
  bool isDefault = cpuList.empty();
  if (isDefault)
    cpuList = findArch(triple->getArch())->defaultCpus;
  std::vector<TargetInfo> targets;
  SmallVector<StringRef> words;
  cpuList.split(words, ',');
  // The runtime asks no other system for the unit's registers, and phones and
  // their simulators have none.
  bool hasMatrices = triple->isOSLinux() && !triple->isAndroid();
  for (StringRef word : words) {
    word = word.trim();
    if (isDefault && word.contains("+amx") && !hasMatrices)
      continue;
    if (llvm::any_of(targets, [&](auto &t) { return t.name == word; }))
      return fail("cpu '" + word + "' is listed twice in '" + cpuList + "'");
    Expected<TargetInfo> info = resolver->resolve(word);
    if (!info)
      return info.takeError();
    info->isForBf16 = isDefault && word.contains("+bf16");
    info->isForF16 = isDefault && word.contains("+fp16");
    info->isForBytes =
        isDefault && word.contains('+') && !info->isForBf16 && !info->isForF16;
    targets.push_back(std::move(*info));
  }
  llvm::sort(targets, better);
  return targets;
}

Expected<TargetInfo> mlc::hostTarget() {
  Expected<std::vector<TargetInfo>> targets = resolveTargets("", "native");
  if (!targets)
    return targets.takeError();
  return std::move(targets->front());
}
