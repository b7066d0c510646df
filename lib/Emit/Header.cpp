//===- Header.cpp - the contract as a C header ----------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/HeaderParts.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace mlc;

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

/// `text` as it may stand in a comment: one line, ASCII, and no comment ends or
/// begins in it.
static std::string comment(StringRef text) {
  std::string result;
  for (char c : text) {
    bool joins = !result.empty() && ((result.back() == '*' && c == '/') ||
                                     (result.back() == '/' && c == '*') ||
                                     (result.back() == '?' && c == '?'));
    if (joins)
      result += ' ';
    result += isPrint(c) ? c : isSpace(c) ? ' ' : '?';
  }
  return result;
}

/// `text` as a string literal. Octal escapes end after three digits,
/// hexadecimal ones would eat the letters that follow; '?' could begin a
/// trigraph.
static std::string literal(StringRef text) {
  std::string result = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\' || c == '?')
      result += '\\';
    if (isPrint(c)) {
      result += c;
      continue;
    }
    raw_string_ostream(result) << format("\\%03o", c);
  }
  return result + "\"";
}

/// A float literal, with the decimal point that the suffix needs.
static std::string number(double value) {
  std::string text = formatv("{0}", format("%.9g", value)).str();
  if (text.find_first_of(".en") == std::string::npos)
    text += ".0";
  return text + "f";
}

static std::string floatList(ArrayRef<double> values) {
  std::string text;
  for (double value : values)
    text += (text.empty() ? "" : ", ") + number(value);
  return "{" + text + "}";
}

static std::string shapeText(ArrayRef<int64_t> shape, StringRef separator) {
  std::string text;
  for (int64_t extent : shape)
    text += (text.empty() ? "" : separator.str()) + itostr(extent);
  return text;
}

namespace {

/// Writes one header, top to bottom.
class HeaderWriter {
public:
  HeaderWriter(const ModelContract &contract, raw_ostream &os)
      : contract(contract), os(os), upper(StringRef(contract.prefix).upper()) {}

  void write();

private:
  void writeIntroduction();
  void writeTensorComment(const TensorContract &tensor);
  void writeExample();
  void writeBegin();
  void writeSizes();
  void writeTensorMacros(const TensorContract &tensor);
  void writeValueMacros(const TensorContract &tensor, const std::string &name);
  void writeLabels(const TensorContract &tensor);
  void writeArena();
  void writeStruct(StringRef name, StringRef about, StringRef qualifier,
                   ArrayRef<TensorContract> tensors);
  void writeFunctions();
  void writeEnd();

  void line(StringRef text) {
    os << (text.empty() ? "|*" : "|* ") << text << '\n';
  }
  void define(const Twine &name, const Twine &value) {
    os << "#define " << upper << '_' << name << ' ' << value << '\n';
  }
  void check(const Twine &condition, StringRef message) {
    os << upper << "_STATIC_ASSERT(" << condition << ",\n    \"" << message
       << "\");\n";
  }

  const ModelContract &contract;
  raw_ostream &os;
  std::string upper;
};

} // namespace

//===----------------------------------------------------------------------===//
// The comment at the top
//===----------------------------------------------------------------------===//

void HeaderWriter::writeTensorComment(const TensorContract &tensor) {
  const ElementTypeInfo *type = findElementType(tensor.type);
  std::string shape =
      tensor.shape.empty() ? "scalar" : shapeText(tensor.shape, "x");
  line(("  " + tensor.identifier + ": " + (type ? type->name : "unknown") +
        " " + shape +
        (tensor.layout.empty() ? "" : " " + comment(tensor.layout)) +
        (type && *type->note ? " (" + std::string(type->note) + ")" : "")));
  if (tensor.name != tensor.identifier)
    line("    in the model: " + comment(tensor.name));
  for (const TensorContract::Counted &dim : tensor.counted)
    line("    dimension " + utostr(dim.dimension) + ": as many as " +
         contract.outputs[dim.output].identifier +
         " says; what is beyond them is fill");
  // What the contract says often repeats what the model does.
  bool isRepeated = StringRef(tensor.doc).contains(tensor.meaning);
  for (const std::string &text : {isRepeated ? "" : tensor.meaning, tensor.doc})
    if (!text.empty())
      line("    " + comment(text));
  for (const std::string &text : inWords(tensor))
    line("    " + comment(text));
  if (tensor.range)
    line(formatv("    range: {0} to {1}", format("%g", tensor.range->first),
                 format("%g", tensor.range->second))
             .str());
  if (tensor.quantization)
    line(formatv("    real value: {0} * (stored - {1})",
                 format("%.9g", tensor.quantization->scale),
                 tensor.quantization->zeroPoint)
             .str());
}

void HeaderWriter::writeExample() {
  const std::string &p = contract.prefix;
  line("");
  line("Example:");
  line("");
  line("  static " + p + "_arena arena;");
  for (const auto *list : {&contract.inputs, &contract.outputs})
    for (const TensorContract &tensor : *list)
      if (const ElementTypeInfo *type = findElementType(tensor.type))
        line("  static " + std::string(type->cType) + " " + tensor.identifier +
             "[" + utostr(tensor.bytes() * 8 / std::max(8u, type->bits)) +
             "];");
  line("  " + p + "_inputs inputs = {0};");
  for (const TensorContract &tensor : contract.inputs)
    line("  inputs." + tensor.identifier + " = " + tensor.identifier + ";");
  line("  " + p + "_outputs outputs = {0};");
  for (const TensorContract &tensor : contract.outputs)
    line("  outputs." + tensor.identifier + " = " + tensor.identifier + ";");
  line("  mlc_status status = " + p + "_init(&arena, sizeof arena);");
  line("  if (status == MLC_OK)");
  line("    status = " + p + "_run(&arena, &inputs, &outputs);");
  line("  if (status != MLC_OK)");
  line("    puts(mlc_status_string(status));");
}

void HeaderWriter::writeIntroduction() {
  os << "/*===-- " << contract.prefix << ".h - " << comment(contract.name)
     << ", compiled --*- C -*-===*\\\n";
  line("");
  line("Written by mlc " + comment(contract.mlcVersion) +
       ". Do not edit: compile the model again.");
  if (!contract.producer.empty())
    line("Model from " + comment(contract.producer) + ".");
  if (!contract.doc.empty())
    line(comment(contract.doc));
  line("Code for " + comment(contract.triple) + ": " +
       comment(join(contract.variants, ", ")) + ".");
  for (const auto &[key, value] : contract.metadata)
    line(comment(key) + ": " + comment(value));
  line("");
  line("Inputs");
  for (const TensorContract &tensor : contract.inputs)
    writeTensorComment(tensor);
  if (!contract.bound.empty())
    line("Inputs of the model that are constants here");
  for (const BoundInput &input : contract.bound) {
    std::string value;
    raw_string_ostream(value) << *input.value;
    line("  " + comment(input.name) + ": " + comment(value));
  }
  line("Outputs");
  for (const TensorContract &tensor : contract.outputs)
    writeTensorComment(tensor);
  line("Data are dense, in row-major order of the shape.");
  writeExample();
  line("");
  os << "\\*===--------------------------------------------------------------"
        "--------===*/\n\n";
}

//===----------------------------------------------------------------------===//
// Macros
//===----------------------------------------------------------------------===//

void HeaderWriter::writeBegin() {
  os << "#ifndef MLC_MODEL_" << upper << "_H\n#define MLC_MODEL_" << upper
     << "_H\n\n#include \"mlc_runtime.h\"\n\n#ifdef __cplusplus\n#define "
     << upper << "_STATIC_ASSERT static_assert\n#define " << upper
     << "_ALIGNAS alignas\n#define " << upper
     << "_ALIGNOF alignof\nextern \"C\" {\n#else\n#define " << upper
     << "_STATIC_ASSERT _Static_assert\n#define " << upper
     << "_ALIGNAS _Alignas\n#define " << upper
     << "_ALIGNOF _Alignof\n#endif\n\n";
  check("MLC_ABI_VERSION == " + utostr(MLC_ABI_VERSION) + "u",
        "this mlc_runtime.h is of another version of mlc");
  check("sizeof(void *) == " + utostr(contract.pointerBytes),
        "the model was compiled for another kind of machine");
}

void HeaderWriter::writeSizes() {
  os << "\n/* Bytes. The arena is all memory that the model writes besides "
        "its\n"
        " * outputs and the stack; weights are constant. Stack is what run "
        "needs. */\n";
  define("ARENA_SIZE", utostr(contract.arenaBytes));
  define("ARENA_SIZE_PER_THREAD", utostr(contract.threadBytes));
  define("ARENA_ALIGN", utostr(contract.arenaAlign));
  define("WEIGHTS_SIZE", utostr(contract.weightsBytes));
  define("STACK_SIZE", utostr(contract.stackBytes));
  os << "\n/* The most threads that the code can use, and the arena of an "
        "executor of\n * `threads`, 1 or more: "
     << upper << "_ARENA_SIZE is that of one thread. */\n";
  define("THREADS", utostr(contract.threads));
  os << "#define " << upper << "_ARENA_SIZE_FOR(threads) \\\n  (" << upper
     << "_ARENA_SIZE + \\\n   (((threads) < " << upper
     << "_THREADS ? (threads) : " << upper << "_THREADS) - 1) * \\\n       "
     << upper << "_ARENA_SIZE_PER_THREAD)\n";
}

void HeaderWriter::writeValueMacros(const TensorContract &tensor,
                                    const std::string &name) {
  if (tensor.range) {
    define(name + "_RANGE_MIN", number(tensor.range->first));
    define(name + "_RANGE_MAX", number(tensor.range->second));
  }
  if (tensor.quantization) {
    define(name + "_SCALE", number(tensor.quantization->scale));
    define(name + "_ZERO_POINT",
           "(" + itostr(tensor.quantization->zeroPoint) + ")");
  }
  if (!tensor.preprocessing.mean.empty())
    define(name + "_MEAN", floatList(tensor.preprocessing.mean));
  if (!tensor.preprocessing.std.empty())
    define(name + "_STD", floatList(tensor.preprocessing.std));
}

void HeaderWriter::writeTensorMacros(const TensorContract &tensor) {
  std::string name = StringRef(tensor.identifier).upper();
  os << "\n/* " << tensor.identifier << ": elements and bytes */\n";
  define(name + "_RANK", utostr(tensor.shape.size()));
  if (!tensor.shape.empty())
    define(name + "_SHAPE", "{" + shapeText(tensor.shape, ", ") + "}");
  for (auto [i, extent] : enumerate(tensor.shape))
    define(name + "_DIM" + utostr(i), itostr(extent));
  define(name + "_SIZE", utostr(tensor.elements()));
  define(name + "_BYTES", utostr(tensor.bytes()));
  define(name + "_ALIGN", utostr(tensor.alignment));
  writeValueMacros(tensor, name);
  if (!tensor.labels.empty())
    define(name + "_LABEL_COUNT", utostr(tensor.labels.size()));
}

void HeaderWriter::writeLabels(const TensorContract &tensor) {
  if (tensor.labels.empty())
    return;
  os << "\n/* What the indices of " << tensor.identifier
     << " stand for, as UTF-8. Define " << upper
     << "_NO_LABELS to leave it out. */\n#ifndef " << upper
     << "_NO_LABELS\nstatic const char *const " << contract.prefix << '_'
     << tensor.identifier << "_labels[" << tensor.labels.size() << "] = {\n";
  for (const std::string &label : tensor.labels)
    os << "    " << literal(label) << ",\n";
  os << "};\n#endif\n";
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

void HeaderWriter::writeArena() {
  const std::string &p = contract.prefix;
  auto define = [&](StringRef type, StringRef size) {
    os << "typedef struct " << p << type << " {\n  " << upper << "_ALIGNAS("
       << upper << "_ARENA_ALIGN) unsigned char bytes[" << upper << size
       << "];\n} " << p << type << ";\n";
  };
  os << "\n/* Memory for one run at a time, on one thread or on as many as the "
        "code can\n * use. Any memory of this size and alignment will do. */\n";
  define("_arena", "_ARENA_SIZE");
  define("_threads_arena", ("_ARENA_SIZE_FOR(" + upper + "_THREADS)"));
  check("sizeof(" + p + "_arena) == " + upper + "_ARENA_SIZE", "size of arena");
  check(upper + "_ALIGNOF(" + p + "_arena) == " + upper + "_ARENA_ALIGN",
        "alignment of arena");
}

/// The runtime takes an array of pointers where this struct is passed.
void HeaderWriter::writeStruct(StringRef name, StringRef about,
                               StringRef qualifier,
                               ArrayRef<TensorContract> tensors) {
  std::string type = contract.prefix + "_" + name.str();
  os << "\n/* " << about << " */\ntypedef struct " << type << " {\n";
  for (const TensorContract &tensor : tensors) {
    const ElementTypeInfo *element = findElementType(tensor.type);
    os << "  " << qualifier << (element ? element->cType : "void") << " *"
       << tensor.identifier << "; /* " << upper << '_'
       << StringRef(tensor.identifier).upper() << "_SIZE elements: "
       << (tensor.shape.empty() ? "scalar" : shapeText(tensor.shape, "x"))
       << " */\n";
  }
  if (tensors.empty())
    os << "  " << qualifier << "void *unused; /* the model has none */\n";
  os << "} " << type << ";\n";
  check("sizeof(" + type + ") == " +
            utostr(std::max<size_t>(1, tensors.size())) + " * sizeof(void *)",
        "a struct of pointers has no padding");
}

void HeaderWriter::writeFunctions() {
  const std::string &p = contract.prefix;
  os << "\n/* Prepares the arena: chooses the code for this CPU. Call it once; "
        "runs may\n * follow one another. The size tells how many threads an "
        "executor may have.\n * Status as of mlc_model_init. */\n"
     << "mlc_status " << p << "_init(void *arena, size_t size);\n"
     << "\n/* Computes the outputs from the inputs. Buffers overlap neither "
        "each "
        "other nor\n * the arena. Status as of mlc_model_run. */\nmlc_status "
     << p << "_run(void *arena, const " << p << "_inputs *inputs,\n"
     << std::string(p.size() + 16, ' ') << "const " << p
     << "_outputs *outputs);\n"
     << "\n/* The model as mlc_runtime.h's generic functions take it. */\n"
     << "const mlc_model_desc *" << p << "_model(void);\n";
}

void HeaderWriter::writeEnd() {
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n";
  for (StringRef name : {"STATIC_ASSERT", "ALIGNAS", "ALIGNOF"})
    os << "#undef " << upper << '_' << name << '\n';
  os << "\n#endif /* MLC_MODEL_" << upper << "_H */\n";
}

void HeaderWriter::write() {
  writeIntroduction();
  writeBegin();
  writeSizes();
  for (const auto *list : {&contract.inputs, &contract.outputs})
    for (const TensorContract &tensor : *list)
      writeTensorMacros(tensor);
  writeArena();
  writeStruct("inputs", "What run reads.", "const ", contract.inputs);
  writeStruct("outputs", "What run writes.", "", contract.outputs);
  for (const auto *list : {&contract.inputs, &contract.outputs})
    for (const TensorContract &tensor : *list)
      writeLabels(tensor);
  writeRangeChecks(contract, os);
  writeFunctions();
  writeEnd();
}

void mlc::writeHeader(const ModelContract &contract, raw_ostream &os) {
  HeaderWriter(contract, os).write();
}
