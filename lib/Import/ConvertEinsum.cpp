//===- ConvertEinsum.cpp - Sums of products by index letters --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operands meet one after the other, from the left. Two of them meet as a
// batched matrix product: dimensions that both have and that are needed later
// are its batch, those that nobody needs any more are summed over.
//
//===----------------------------------------------------------------------===//

#include "Import/Compose.h"
#include "Import/Converters.h"

using namespace mlir;
using namespace mlc;

namespace {

/// A letter, or -1 - i for dimension i, from the right, of an ellipsis.
using Labels = llvm::SmallVector<int>;

struct Term {
  Value value;
  Labels labels;
};

bool has(llvm::ArrayRef<int> labels, int label) {
  return llvm::is_contained(labels, label);
}

/// The labels of one term of the equation; `ellipsis` dimensions where it has
/// an ellipsis.
FailureOr<Labels> parseTerm(Node &node, llvm::StringRef text,
                            int64_t ellipsis) {
  Labels labels;
  while (!text.empty()) {
    if (text.consume_front("...")) {
      for (int64_t i = ellipsis; i > 0; --i)
        labels.push_back(-static_cast<int>(i));
      continue;
    }
    if (!llvm::isAlpha(text.front())) {
      node.error() << "equation has '" << text.take_front(1)
                   << "' where a letter or '...' is required";
      return failure();
    }
    labels.push_back(text.front());
    text = text.drop_front();
  }
  return labels;
}

/// Without an arrow: what the ellipses hold, then, in order, the letters that
/// come once.
Labels implicitResult(llvm::ArrayRef<Term> terms, int64_t ellipsis) {
  Labels result;
  for (int64_t i = ellipsis; i > 0; --i)
    result.push_back(-static_cast<int>(i));
  for (int letter = 'A'; letter <= 'z'; ++letter) {
    int64_t count = 0;
    for (const Term &term : terms)
      count += llvm::count(term.labels, letter);
    if (count == 1)
      result.push_back(letter);
  }
  return result;
}

/// Both dimensions of each repeated label become one, its diagonal, at the end.
void takeDiagonals(Node &node, Term &term) {
  for (size_t i = 0; i < term.labels.size() && term.value; ++i) {
    auto rest = ArrayRef(term.labels).drop_front(i + 1);
    const int *again = llvm::find(rest, term.labels[i]);
    if (again == rest.end())
      continue;
    size_t j = again - term.labels.begin();
    llvm::SmallVector<int64_t> permutation, shape;
    Labels labels;
    for (auto [d, label] : llvm::enumerate(term.labels))
      if (d != i && d != j) {
        permutation.push_back(d);
        shape.push_back(nn::shapeOf(term.value)[d]);
        labels.push_back(label);
      }
    int64_t n = nn::shapeOf(term.value)[i];
    llvm::append_values(permutation, i, j);
    labels.push_back(term.labels[i]);
    Value v = node.transpose(term.value, permutation);
    shape.push_back(n * n);
    v = node.reshape(v, shape);
    llvm::SmallVector<int64_t> starts(shape.size(), 0), steps(shape.size(), 1);
    shape.back() = n;
    steps.back() = n + 1;
    term.value = node.create<nn::SliceOp>(v, starts, shape, steps);
    term.labels = labels;
    i = -1;
  }
}

/// Sums over the dimensions whose labels are not in `kept`.
void sumOut(Node &node, Term &term, llvm::ArrayRef<int> kept) {
  llvm::SmallVector<int64_t> axes;
  Labels labels;
  for (auto [d, label] : llvm::enumerate(term.labels)) {
    if (has(kept, label))
      labels.push_back(label);
    else
      axes.push_back(d);
  }
  if (!axes.empty())
    term.value = reduce(node, term.value, nn::ReduceKind::sum, axes, false);
  term.labels = labels;
}

/// `term` with its dimensions ordered as `batch`, `rows`, `columns` list them:
/// those of the batch as they are, the others joined to one dimension each.
Value arrange(Node &node, const Term &term, llvm::ArrayRef<int> batch,
              llvm::ArrayRef<int> rows, llvm::ArrayRef<int> columns) {
  if (!term.value)
    return {};
  ArrayRef<int64_t> from = nn::shapeOf(term.value);
  llvm::SmallVector<int64_t> permutation, shape;
  auto place = [&](int label) {
    int64_t d = llvm::find(term.labels, label) - term.labels.begin();
    permutation.push_back(d);
    return from[d];
  };
  for (int label : batch)
    shape.push_back(place(label));
  for (llvm::ArrayRef<int> group : {rows, columns}) {
    int64_t size = 1;
    for (int label : group)
      size *= place(label);
    shape.push_back(size);
  }
  return node.reshape(node.transpose(term.value, permutation), shape);
}

/// Both terms as one with the labels that they share and `kept` has, then the
/// left one's others, then the right one's.
Term meet(Node &node, Term left, Term right, llvm::ArrayRef<int> kept) {
  Labels needed(kept), batch, summed, rows, columns;
  llvm::append_range(needed, right.labels);
  sumOut(node, left, needed);
  needed.assign(kept.begin(), kept.end());
  llvm::append_range(needed, left.labels);
  sumOut(node, right, needed);
  for (int label : left.labels)
    (!has(right.labels, label) ? rows
     : has(kept, label)        ? batch
                               : summed)
        .push_back(label);
  for (int label : right.labels)
    if (!has(left.labels, label))
      columns.push_back(label);
  Value a = arrange(node, left, batch, rows, summed);
  Value b = arrange(node, right, batch, summed, columns);
  if (!a || !b)
    return {};
  Value y = summed.empty()
                ? node.create<nn::MulOp>(a, b)
                : node.finish(nn::MatmulOp::create(node.builder, node.loc,
                                                   a.getType(), a, b, Value(),
                                                   ValueRange(), UnitAttr()));
  if (!y)
    return {};
  Labels labels(batch);
  llvm::append_range(labels, rows);
  llvm::append_range(labels, columns);
  llvm::SmallVector<int64_t> shape(nn::shapeOf(y).take_front(batch.size()));
  for (const auto &[term, own] : {std::pair(&left, &rows), {&right, &columns}})
    for (int label : *own)
      shape.push_back(nn::shapeOf(
          term->value)[llvm::find(term->labels, label) - term->labels.begin()]);
  return {node.reshape(y, shape), labels};
}

/// `term` without its dimensions of size 1 whose labels are more in `sizes`: it
/// is the same all along them.
void dropRepeated(Node &node, Term &term,
                  const llvm::DenseMap<int, int64_t> &sizes) {
  Labels labels;
  llvm::SmallVector<int64_t> shape;
  for (auto [label, size] : llvm::zip(term.labels, nn::shapeOf(term.value)))
    if (size == sizes.lookup(label)) {
      labels.push_back(label);
      shape.push_back(size);
    }
  if (labels.size() == term.labels.size())
    return;
  term.value = node.reshape(term.value, shape);
  term.labels = labels;
}

/// One size a label; where terms have 1 and another, the one repeats.
LogicalResult matchSizes(Node &node, llvm::MutableArrayRef<Term> terms) {
  llvm::DenseMap<int, int64_t> sizes;
  for (const Term &term : terms) {
    llvm::DenseMap<int, int64_t> own;
    for (auto [label, size] : llvm::zip(term.labels, nn::shapeOf(term.value))) {
      int64_t here = own.try_emplace(label, size).first->second;
      int64_t &known = sizes.try_emplace(label, size).first->second;
      int64_t other = here != size ? here : known;
      if (here != size || (size != known && size != 1 && known != 1))
        return node.fail("a label stands for dimensions " + llvm::Twine(other) +
                         " and " + llvm::Twine(size));
      if (known == 1)
        known = size;
    }
  }
  for (Term &term : terms)
    dropRepeated(node, term, sizes);
  return success();
}

FailureOr<llvm::SmallVector<Term>> readTerms(Node &node, llvm::StringRef left,
                                             int64_t &ellipsis) {
  llvm::SmallVector<llvm::StringRef> texts;
  left.split(texts, ',');
  if (texts.size() != node.numInputs()) {
    node.error() << "equation has " << texts.size() << " terms, "
                 << node.numInputs() << " are required";
    return failure();
  }
  llvm::SmallVector<Term> terms;
  for (auto [i, text] : llvm::enumerate(texts)) {
    Value v = node.input(i);
    if (!v)
      return failure();
    int64_t rank = nn::shapeOf(v).size(),
            letters =
                llvm::count_if(text, [](char c) { return llvm::isAlpha(c); });
    int64_t own = text.count("...") == 1 ? rank - letters : 0;
    FailureOr<Labels> labels = parseTerm(node, text, own);
    if (failed(labels))
      return failure();
    if (static_cast<int64_t>(labels->size()) != rank) {
      node.error() << "equation has '" << text << "' for rank " << rank;
      return failure();
    }
    ellipsis = std::max(ellipsis, own);
    terms.push_back({v, *labels});
  }
  return terms;
}

Values einsum(Node &node) {
  std::string equation = node.stringAttr("equation", "");
  llvm::erase_if(equation, [](char c) { return c == ' '; });
  auto [left, right] = llvm::StringRef(equation).split("->");
  int64_t ellipsis = 0;
  FailureOr<llvm::SmallVector<Term>> terms = readTerms(node, left, ellipsis);
  if (failed(terms))
    return {};
  FailureOr<Labels> result = llvm::StringRef(equation).contains("->")
                                 ? parseTerm(node, right, ellipsis)
                                 : implicitResult(*terms, ellipsis);
  if (failed(result) || failed(matchSizes(node, *terms)))
    return {};
  for (Term &term : *terms)
    takeDiagonals(node, term);
  Term sum = terms->front();
  for (size_t i = 1; i < terms->size(); ++i) {
    Labels kept(*result);
    for (const Term &later : ArrayRef(*terms).drop_front(i + 1))
      llvm::append_range(kept, later.labels);
    sum = meet(node, sum, (*terms)[i], kept);
  }
  sumOut(node, sum, *result);
  llvm::SmallVector<int64_t> permutation;
  for (int label : *result)
    permutation.push_back(llvm::find(sum.labels, label) - sum.labels.begin());
  if (node.failed() || !sum.value)
    return {};
  llvm::SmallVector<int64_t> sorted(permutation);
  llvm::sort(sorted);
  if (sorted != llvm::to_vector(llvm::seq<int64_t>(0, sum.labels.size()))) {
    node.error() << "equation '" << equation
                 << "' has a result that is not made of its terms";
    return {};
  }
  return {node.transpose(sum.value, permutation)};
}

} // namespace

llvm::ArrayRef<Converter> mlc::einsumConverters() {
  static const Converter table[] = {
      {"Einsum", einsum},
  };
  return table;
}
