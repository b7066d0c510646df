//===- Words.cpp - What templates of packages leave open ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Package/Words.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;
using namespace mlc;

std::string mlc::moduleName(StringRef name) {
  std::string result = name.lower();
  std::replace(result.begin(), result.end(), '-', '_');
  return result;
}

/// The lines that `line` makes of each tensor.
static std::string
lines(ArrayRef<CompiledTensor> tensors,
      function_ref<std::string(const CompiledTensor &)> line) {
  std::string text;
  for (const CompiledTensor &tensor : tensors)
    text += line(tensor);
  return text;
}

//===----------------------------------------------------------------------===//
// For people
//===----------------------------------------------------------------------===//

/// A cell of a Markdown table.
static std::string cell(StringRef text) {
  std::string result;
  for (char c : text)
    result += c == '|' ? "\\|" : std::string(1, c);
  return result;
}

static std::string tableOf(ArrayRef<CompiledTensor> tensors) {
  return "| name | type | shape | meaning |\n|---|---|---|---|\n" +
         lines(tensors, [](const CompiledTensor &tensor) {
           return "| " + cell(tensor.name) + " | " + tensor.type->contract +
                  " | " + tensor.sizes() + " | " + cell(tensor.meaning) +
                  " |\n";
         });
}

/// "f32 1x10; class scores", for a comment.
static std::string about(const CompiledTensor &tensor) {
  std::string text = (tensor.type->contract + (" " + tensor.sizes()));
  return tensor.meaning.empty() ? text : text + "; " + tensor.meaning;
}

//===----------------------------------------------------------------------===//
// C
//===----------------------------------------------------------------------===//

static void addC(const CompiledModel &model, PackageWords &words) {
  std::string upper = StringRef(model.prefix).upper();
  auto buffer = [&](const CompiledTensor &tensor) {
    return "static " + std::string(tensor.type->c) + " " + tensor.identifier +
           "[" + upper + "_" + StringRef(tensor.identifier).upper() +
           "_SIZE];\n";
  };
  auto member = [](const char *of) {
    return [of](const CompiledTensor &tensor) {
      return std::string("  ") + of + "." + tensor.identifier + " = " +
             tensor.identifier + ";\n";
    };
  };
  words["C_BUFFERS"] =
      lines(model.inputs, buffer) + lines(model.outputs, buffer);
  words["C_MEMBERS"] = lines(model.inputs, member("inputs")) +
                       lines(model.outputs, member("outputs"));
  const CompiledTensor *first =
      model.outputs.empty() ? nullptr : &model.outputs.front();
  words["C_FIRST_OUTPUT"] =
      first && first->elements ? "(double)" + first->identifier + "[0]" : "0.0";
}

//===----------------------------------------------------------------------===//
// Rust
//===----------------------------------------------------------------------===//

static std::string rustName(StringRef identifier) {
  static const StringSet<> keywords = {
      "as",     "async",  "await",  "break",   "const",   "continue",
      "dyn",    "else",   "enum",   "extern",  "false",   "fn",
      "for",    "gen",    "if",     "impl",    "in",      "let",
      "loop",   "match",  "mod",    "move",    "mut",     "pub",
      "ref",    "return", "static", "struct",  "trait",   "true",
      "type",   "unsafe", "use",    "where",   "while",   "abstract",
      "become", "box",    "do",     "final",   "macro",   "override",
      "priv",   "try",    "typeof", "unsized", "virtual", "yield"};
  if (keywords.contains(identifier))
    return ("r#" + identifier).str();
  bool isPath = identifier == "self" || identifier == "Self" ||
                identifier == "super" || identifier == "crate" ||
                identifier == "_";
  return (identifier + (isPath ? "_" : "")).str();
}

static std::string rustArray(const CompiledTensor &tensor) {
  return "[" + std::string(tensor.type->rust) + "; " +
         std::to_string(tensor.elements) + "]";
}

/// The words for inputs or outputs, which differ in what may be written.
static void addRustTensors(ArrayRef<CompiledTensor> tensors, StringRef which,
                           bool isMutable, PackageWords &words) {
  std::string kind = isMutable ? "mut " : "";
  std::string pointer = isMutable ? "*mut " : "*const ";
  std::string upper = which.upper();
  words["RUST_RAW_" + upper] = lines(tensors, [&](const CompiledTensor &t) {
    return "    " + rustName(t.identifier) + ": " + pointer + t.type->rust +
           ",\n";
  });
  words["RUST_" + upper] = lines(tensors, [&](const CompiledTensor &t) {
    return "    /// " + about(t) + "\n    pub " + rustName(t.identifier) +
           ": &'a " + kind + rustArray(t) + ",\n";
  });
  if (tensors.empty())
    words["RUST_" + upper] = "    /// There are none.\n    pub none: "
                             "core::marker::PhantomData<&'a ()>,\n";
  words["RUST_" + upper + "_POINTERS"] =
      lines(tensors, [&](const CompiledTensor &t) {
        std::string name = rustName(t.identifier);
        return "            " + name + ": " + which.str() + "." + name +
               (isMutable ? ".as_mut_ptr(),\n" : ".as_ptr(),\n");
      });
  words["RUST_ZERO_" + upper] = lines(tensors, [&](const CompiledTensor &t) {
    return "    let " + kind + which.drop_back().str() + "_" + t.identifier +
           ": Box<" + rustArray(t) + "> = vec![0 as " + t.type->rust + "; " +
           std::to_string(t.elements) +
           "].into_boxed_slice().try_into().unwrap();\n";
  });
  words["RUST_ZERO_" + upper + "_MEMBERS"] =
      lines(tensors, [&](const CompiledTensor &t) {
        return "        " + rustName(t.identifier) + ": &" + kind +
               which.drop_back().str() + "_" + t.identifier + ",\n";
      });
  if (isMutable)
    words["RUST_OUTPUT_BYTES"] = lines(tensors, [](const CompiledTensor &t) {
      return "        output_" + t.identifier +
             ".iter().flat_map(|value| value.to_le_bytes()).collect(),\n";
    });
  if (tensors.empty())
    words["RUST_ZERO_" + upper + "_MEMBERS"] =
        "        none: std::marker::PhantomData,\n";
}

//===----------------------------------------------------------------------===//
// Python
//===----------------------------------------------------------------------===//

/// A string literal of Python and JavaScript; names are printable already.
static std::string quoted(StringRef text) {
  std::string result = "\"";
  for (char c : text)
    result += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return result + "\"";
}

static std::string pythonTensors(ArrayRef<CompiledTensor> tensors) {
  return lines(tensors, [](const CompiledTensor &tensor) {
    std::string shape;
    for (int64_t size : tensor.shape)
      shape += std::to_string(size) + ", ";
    return "    Tensor(" + quoted(tensor.name) + ", " +
           quoted(tensor.type->numpy) + ", (" + StringRef(shape).rtrim().str() +
           "), " + quoted(tensor.meaning) + "),\n";
  });
}

//===----------------------------------------------------------------------===//
// JavaScript and TypeScript
//===----------------------------------------------------------------------===//

static std::string javascriptTensors(ArrayRef<CompiledTensor> tensors) {
  return lines(tensors, [](const CompiledTensor &tensor) {
    std::string shape;
    for (int64_t size : tensor.shape)
      shape += (shape.empty() ? "" : ", ") + std::to_string(size);
    return "  { name: " + quoted(tensor.name) +
           ", type: " + quoted(tensor.type->contract) +
           ", array: " + tensor.type->javascript + ", shape: [" + shape +
           "], meaning: " + quoted(tensor.meaning) + " },\n";
  });
}

static std::string typescriptTensors(ArrayRef<CompiledTensor> tensors) {
  return lines(tensors, [](const CompiledTensor &tensor) {
    std::string comment = about(tensor);
    for (size_t at; (at = comment.find("*/")) != std::string::npos;)
      comment.insert(at + 1, " ");
    return "  /** " + comment + " */\n  " + quoted(tensor.name) + ": " +
           tensor.type->javascript + ";\n";
  });
}

PackageWords mlc::packageWords(const CompiledModel &model,
                               const PackageOptions &options) {
  PackageWords words = {
      {"NAME", options.name},
      {"MODULE", moduleName(options.name)},
      {"PREFIX", model.prefix},
      {"VERSION", options.version},
      {"VERSION_MAJOR", StringRef(options.version).split('.').first.str()},
      {"MODEL", model.name},
      {"TARGET", model.triple},
      {"CPUS", join(model.variants, ", ")},
      {"ARENA_BYTES", std::to_string(model.arenaBytes)},
      {"ARENA_ALIGN", std::to_string(model.arenaAlign)},
      {"INPUT_TABLE", tableOf(model.inputs)},
      {"OUTPUT_TABLE", tableOf(model.outputs)},
      {"PYTHON_INPUTS", pythonTensors(model.inputs)},
      {"PYTHON_OUTPUTS", pythonTensors(model.outputs)},
      {"NPM_NAME", StringRef(options.name).lower()},
      {"JS_INPUTS", javascriptTensors(model.inputs)},
      {"JS_OUTPUTS", javascriptTensors(model.outputs)},
      {"TS_INPUTS", typescriptTensors(model.inputs)},
      {"TS_OUTPUTS", typescriptTensors(model.outputs)},
  };
  addC(model, words);
  addRustTensors(model.inputs, "inputs", false, words);
  addRustTensors(model.outputs, "outputs", true, words);
  return words;
}
