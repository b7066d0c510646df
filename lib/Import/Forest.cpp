//===- Forest.cpp - Trees as ai.onnx.ml has them --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Import/Forest.h"

#include "Import/TensorImport.h"

#include <cmath>
#include <map>

using namespace mlir;
using namespace mlc;

namespace {

using Dims = llvm::SmallVector<int64_t>;

/// Steps above which trees are refused: each is some ops.
constexpr int64_t kMostDepth = 256;
/// Numbers of the table of leaves.
constexpr int64_t kMostWeights = int64_t(1) << 24;

//===----------------------------------------------------------------------===//
// Trees whose nodes have names
//===----------------------------------------------------------------------===//

std::optional<Branch> branchOf(llvm::StringRef mode) {
  static const std::pair<llvm::StringRef, Branch> names[] = {
      {"BRANCH_LEQ", Branch::leq}, {"BRANCH_LT", Branch::lt},
      {"BRANCH_GTE", Branch::gte}, {"BRANCH_GT", Branch::gt},
      {"BRANCH_EQ", Branch::eq},   {"BRANCH_NEQ", Branch::neq},
      {"LEAF", Branch::leaf}};
  for (auto [name, branch] : names)
    if (name == mode)
      return branch;
  return std::nullopt;
}

/// The longest way down from a node, with those of the nodes below it; refuses
/// ways that lead back.
class DepthFinder {
public:
  DepthFinder(Node &node, const Forest &f)
      : node(node), f(f), depths(f.branches.size(), -1),
        isOpen(f.branches.size(), false) {}

  FailureOr<int64_t> run(int64_t root) {
    llvm::SmallVector<int64_t> stack = {root};
    while (!stack.empty()) {
      int64_t i = stack.back();
      if (depths[i] < 0 && !isOpen[i] && f.branches[i] != Branch::leaf) {
        isOpen[i] = true;
        for (int64_t child : {f.onTrue[i], f.onFalse[i]}) {
          if (isOpen[child])
            return node.fail("nodes of a tree lead back to each other");
          if (depths[child] < 0)
            stack.push_back(child);
        }
        continue;
      }
      stack.pop_back();
      if (depths[i] < 0)
        depths[i] =
            f.branches[i] == Branch::leaf
                ? 0
                : 1 + std::max(depths[f.onTrue[i]], depths[f.onFalse[i]]);
      isOpen[i] = false;
    }
    return depths[root];
  }

  bool hasSeenAll() const { return !llvm::is_contained(depths, -1); }

private:
  Node &node;
  const Forest &f;
  llvm::SmallVector<int64_t> depths;
  llvm::SmallVector<bool> isOpen; ///< on the way to where the search is
};

/// Finds the roots, where they are not given, and the depth.
LogicalResult measure(Node &node, Forest &f) {
  bool isGiven = !f.roots.empty();
  if (!isGiven) {
    llvm::SmallVector<bool> isChild(f.branches.size(), false);
    for (auto [i, branch] : llvm::enumerate(f.branches))
      if (branch != Branch::leaf)
        isChild[f.onTrue[i]] = isChild[f.onFalse[i]] = true;
    for (auto [i, child] : llvm::enumerate(isChild))
      if (!child)
        f.roots.push_back(i);
  }
  DepthFinder finder(node, f);
  for (int64_t root : f.roots) {
    FailureOr<int64_t> depth = finder.run(root);
    if (failed(depth))
      return failure();
    f.depth = std::max(f.depth, *depth);
  }
  // A ring of nodes has no root.
  if (!isGiven && !finder.hasSeenAll())
    return node.fail("nodes of a tree lead back to each other");
  if (f.depth > kMostDepth)
    return node.fail("a tree is " + llvm::Twine(f.depth) +
                     " nodes deep, at most " + llvm::Twine(kMostDepth) +
                     " are supported");
  return success();
}

/// The numbers of a tensor that is an attribute.
FailureOr<llvm::SmallVector<double>> tensorAttr(Node &node,
                                                llvm::StringRef name) {
  const onnx::AttributeProto *attr = node.findAttr(name);
  if (!attr)
    return llvm::SmallVector<double>();
  auto tensor = importTensor(attr->t(), node.builder.getContext());
  if (!tensor)
    return node.fail(llvm::toString(tensor.takeError()));
  if (auto values = nn::constantDoubles(*tensor))
    return *values;
  return node.fail("attribute '" + name + "' must be a tensor of numbers");
}

using NodeNames = std::map<std::pair<int64_t, int64_t>, int64_t>;

/// The nodes of TreeEnsembleClassifier and -Regressor, which name them by tree
/// and number.
LogicalResult readNodes(Node &node, Forest &f, NodeNames &names) {
  Dims trees = node.intsAttr("nodes_treeids"),
       ids = node.intsAttr("nodes_nodeids"),
       onTrue = node.intsAttr("nodes_truenodeids"),
       onFalse = node.intsAttr("nodes_falsenodeids");
  f.features = node.intsAttr("nodes_featureids");
  f.missingTrue = node.intsAttr("nodes_missing_value_tracks_true");
  f.values = numbersAttr(node, "nodes_values");
  const onnx::AttributeProto *modes = node.findAttr("nodes_modes");
  size_t count = trees.size();
  if (f.missingTrue.empty())
    f.missingTrue.assign(count, 0);
  if (count == 0 || !modes ||
      modes->strings_size() != static_cast<int>(count) ||
      llvm::any_of(ArrayRef<size_t>{ids.size(), onTrue.size(), onFalse.size(),
                                    f.features.size(), f.missingTrue.size(),
                                    f.values.size()},
                   [&](size_t size) { return size != count; }))
    return node.fail("the lists of nodes have different lengths, or none");
  for (size_t i = 0; i < count; ++i) {
    std::optional<Branch> branch = branchOf(modes->strings(i));
    if (!branch)
      return node.fail("a node has mode '" + modes->strings(i) + "'");
    f.branches.push_back(*branch);
    if (!names.insert({{trees[i], ids[i]}, static_cast<int64_t>(i)}).second)
      return node.fail("node " + llvm::Twine(ids[i]) + " of tree " +
                       llvm::Twine(trees[i]) + " is given twice");
  }
  for (size_t i = 0; i < count; ++i) {
    bool isLeaf = f.branches[i] == Branch::leaf;
    for (auto [from, to] :
         {std::pair(&onTrue, &f.onTrue), std::pair(&onFalse, &f.onFalse)}) {
      auto child = names.find({trees[i], (*from)[i]});
      if (!isLeaf && child == names.end())
        return node.fail("node " + llvm::Twine(ids[i]) + " of tree " +
                         llvm::Twine(trees[i]) +
                         " has a child that is not "
                         "there");
      to->push_back(isLeaf ? static_cast<int64_t>(i) : child->second);
    }
  }
  return measure(node, f);
}

/// What leaves weigh: lists named `prefix`_treeids, _nodeids, _ids and
/// _weights.
LogicalResult readWeights(Node &node, Forest &f, const NodeNames &names,
                          llvm::StringRef prefix, int64_t outputs) {
  auto list = [&](llvm::StringRef end) {
    return node.intsAttr((prefix + end).str());
  };
  Dims trees = list("_treeids"), nodes = list("_nodeids"), ids = list("_ids");
  llvm::SmallVector<double> weights =
      numbersAttr(node, (prefix + "_weights").str());
  size_t count = trees.size();
  int64_t size = f.branches.size() * outputs;
  if (nodes.size() != count || ids.size() != count || weights.size() != count ||
      outputs < 1)
    return node.fail("the lists of weights have different lengths");
  if (outputs > kMostWeights || size > kMostWeights)
    return node.fail("has " + llvm::Twine(size) +
                     " weights, at most 2^24 are "
                     "supported");
  f.outputs = outputs;
  f.weights.assign(size, 0);
  f.isWeighed.assign(size, false);
  for (size_t i = 0; i < count; ++i) {
    auto place = names.find({trees[i], nodes[i]});
    if (place == names.end() || ids[i] < 0 || ids[i] >= outputs)
      return node.fail("weight " + llvm::Twine(i) +
                       " is of a node or output that is not there");
    f.weights[place->second * outputs + ids[i]] += weights[i];
    f.isWeighed[place->second * outputs + ids[i]] = true;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// TreeEnsemble
//===----------------------------------------------------------------------===//

/// The lists of TreeEnsemble: nodes and leaves are numbered apart, and
/// comparisons too.
struct TreeLists {
  llvm::SmallVector<double> splits, weights, members, modes;
  Dims features, onTrue, onFalse, isTrueLeaf, isFalseLeaf, missingTrue, targets;
};

FailureOr<TreeLists> readLists(Node &node) {
  TreeLists l;
  auto tensor = [&](llvm::StringRef name, llvm::SmallVector<double> &into) {
    FailureOr<llvm::SmallVector<double>> values = tensorAttr(node, name);
    if (succeeded(values))
      into = *values;
  };
  tensor("nodes_splits", l.splits);
  tensor("nodes_modes", l.modes);
  tensor("leaf_weights", l.weights);
  tensor("membership_values", l.members);
  l.features = node.intsAttr("nodes_featureids");
  l.onTrue = node.intsAttr("nodes_truenodeids");
  l.onFalse = node.intsAttr("nodes_falsenodeids");
  l.isTrueLeaf = node.intsAttr("nodes_trueleafs");
  l.isFalseLeaf = node.intsAttr("nodes_falseleafs");
  l.missingTrue = node.intsAttr("nodes_missing_value_tracks_true");
  l.targets = node.intsAttr("leaf_targetids");
  size_t nodes = l.features.size(), leaves = l.targets.size();
  if (l.missingTrue.empty())
    l.missingTrue.assign(nodes, 0);
  bool fits = nodes > 0 && leaves > 0 && l.weights.size() == leaves;
  for (size_t size :
       {l.splits.size(), l.modes.size(), l.onTrue.size(), l.onFalse.size(),
        l.isTrueLeaf.size(), l.isFalseLeaf.size(), l.missingTrue.size()})
    fits &= size == nodes;
  for (size_t i = 0; fits && i < nodes; ++i) {
    auto isIn = [&](int64_t child, bool isLeaf) {
      return child >= 0 &&
             child < static_cast<int64_t>(isLeaf ? leaves : nodes);
    };
    fits = isIn(l.onTrue[i], l.isTrueLeaf[i]) &&
           isIn(l.onFalse[i], l.isFalseLeaf[i]) && l.modes[i] >= 0 &&
           l.modes[i] <= 6;
  }
  if (!fits && !node.failed())
    (void)node.fail("the lists of nodes and leaves do not fit each other");
  if (node.failed())
    return failure();
  return l;
}

/// Nodes, then leaves, then further comparisons of nodes that ask for
/// membership in a set: each value of the set is compared in turn.
LogicalResult buildForest(Node &node, const TreeLists &l, Forest &f) {
  int64_t nodes = l.features.size(), leaves = l.targets.size();
  auto add = [&](int64_t feature, double value, Branch branch, int64_t yes,
                 int64_t no, int64_t missing) {
    f.features.push_back(feature);
    f.values.push_back(value);
    f.branches.push_back(branch);
    f.onTrue.push_back(yes);
    f.onFalse.push_back(no);
    f.missingTrue.push_back(missing);
  };
  constexpr Branch kinds[] = {Branch::leq, Branch::lt,  Branch::gte, Branch::gt,
                              Branch::eq,  Branch::neq, Branch::eq};
  for (int64_t i = 0; i < nodes; ++i)
    add(l.features[i], l.splits[i], kinds[static_cast<int>(l.modes[i])],
        l.onTrue[i] + (l.isTrueLeaf[i] ? nodes : 0),
        l.onFalse[i] + (l.isFalseLeaf[i] ? nodes : 0), l.missingTrue[i]);
  for (int64_t i = 0; i < leaves; ++i)
    add(0, 0, Branch::leaf, nodes + i, nodes + i, 0);
  // Sets follow each other, in the order of their nodes, with NaN between.
  const double *next = l.members.begin();
  for (int64_t i = 0; i < nodes; ++i) {
    if (l.modes[i] != 6)
      continue;
    int64_t at = i;
    bool isFirst = true;
    for (; next != l.members.end() && !std::isnan(*next); ++next) {
      if (!isFirst) {
        int64_t further = f.branches.size(), no = f.onFalse[at];
        add(f.features[i], 0, Branch::eq, f.onTrue[i], no, f.missingTrue[i]);
        f.onFalse[at] = further;
        at = further;
      }
      f.values[at] = *next;
      isFirst = false;
    }
    if (isFirst)
      return node.fail("node " + llvm::Twine(i) +
                       " asks for membership in a set without values");
    if (next != l.members.end())
      ++next;
  }
  f.roots = node.intsAttr("tree_roots");
  for (int64_t root : f.roots)
    if (root < 0 || root >= nodes)
      return node.fail("tree root " + llvm::Twine(root) + " is not there");
  return measure(node, f);
}

/// What leaves weigh, behind the nodes; further comparisons weigh nothing.
LogicalResult weighLeaves(Node &node, const TreeLists &l, Forest &f) {
  f.outputs = node.intAttr("n_targets", 1);
  int64_t size = f.branches.size();
  if (f.outputs < 1 || f.outputs > kMostWeights / size)
    return node.fail("has " + llvm::Twine(f.outputs) + " targets for " +
                     llvm::Twine(size) +
                     " nodes, at most 2^24 weights are supported");
  f.weights.assign(size * f.outputs, 0);
  f.isWeighed.assign(size * f.outputs, false);
  for (auto [i, target] : llvm::enumerate(l.targets)) {
    if (target < 0 || target >= f.outputs)
      return node.fail("leaf " + llvm::Twine(i) + " has target " +
                       llvm::Twine(target) + " of " + llvm::Twine(f.outputs));
    int64_t place = (l.features.size() + i) * f.outputs + target;
    f.weights[place] = l.weights[i];
    f.isWeighed[place] = true;
  }
  return success();
}

} // namespace

llvm::SmallVector<double> mlc::numbersAttr(Node &node, llvm::StringRef name) {
  llvm::SmallVector<double> values;
  for (float v : node.floatsAttr(name))
    values.push_back(v);
  std::string wide = (name + "_as_tensor").str();
  if (node.hasAttr(wide))
    if (auto given = tensorAttr(node, wide); succeeded(given))
      values = *given;
  return values;
}

FailureOr<Forest> mlc::readForest(Node &node, llvm::StringRef prefix,
                                  int64_t outputs) {
  Forest f;
  NodeNames names;
  if (failed(readNodes(node, f, names)) ||
      failed(readWeights(node, f, names, prefix, outputs)))
    return failure();
  return f;
}

FailureOr<Forest> mlc::readTreeEnsemble(Node &node) {
  Forest f;
  FailureOr<TreeLists> lists = readLists(node);
  if (failed(lists) || failed(buildForest(node, *lists, f)) ||
      failed(weighLeaves(node, *lists, f)))
    return failure();
  return f;
}
