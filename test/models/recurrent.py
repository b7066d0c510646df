"""Recurrent networks and loops: LSTM, GRU, RNN, Loop and Scan with what their conformance cases leave out."""

import numpy as np

from build import BOOL, I32, I64, const, graph, node, refused, simple, valid, value, weights

STEPS, BATCH, SIZE, HIDDEN = 5, 2, 3, 4


def _network(op, gates, ways, inputs, outputs, initializers=(), **attributes):
    """One recurrent node on x [5,2,3]; w, r and b are constants."""
    rows = gates * HIDDEN
    shapes = {"y": [STEPS, ways, BATCH, HIDDEN], "yh": [ways, BATCH, HIDDEN], "yc": [ways, BATCH, HIDDEN]}
    constants = [weights("w", ways, rows, SIZE), weights("r", ways, rows, HIDDEN), weights("b", ways, 2 * rows)]
    return simple(op.lower(), [node(op, f"x w r b {inputs}".strip(), outputs, hidden_size=HIDDEN, **attributes)],
                  [value("x", [STEPS, BATCH, SIZE])], [value(name, shapes[name]) for name in outputs.split()],
                  [*constants, *initializers])


@valid
def lstm_peepholes():
    """Bidirectional LSTM with initial states, peepholes, a clip, and activations of their own with alpha and beta."""
    states = [weights("h", 2, BATCH, HIDDEN), weights("c", 2, BATCH, HIDDEN), weights("p", 2, 3 * HIDDEN)]
    return _network("LSTM", 4, 2, "- h c p", "y yh yc", states, direction="bidirectional", clip=0.75,
                    activations=["HardSigmoid", "ScaledTanh", "Softsign", "Sigmoid", "LeakyRelu", "Affine"],
                    activation_alpha=[0.3, 1.2, 0.1, 0.9], activation_beta=[0.4, 0.7, 0.05])


@valid
def lstm_input_forget():
    """LSTM whose forget gate is 1 - its input gate."""
    return _network("LSTM", 4, 1, "", "y yh yc", input_forget=1)


@valid
def gru_lengths():
    """Bidirectional GRU over sequences shorter than the tensor: outputs behind their ends are 0, states stay."""
    return _network("GRU", 3, 2, "lengths", "y yh", [const("lengths", [3, 5], np.int32)], direction="bidirectional",
                    clip=0.5)


@valid
def rnn_lengths_input():
    """RNN in reverse, with a relu; the sequences' lengths are an input."""
    made = _network("RNN", 1, 1, "lengths", "y yh", direction="reverse", activations=["Relu"])
    made.graph.input.append(value("lengths", [BATCH], I32))
    return made


@valid
def loop_swap():
    """Loop that swaps its carried values: no step may overwrite one before the other is read."""
    body = graph("body", [node("Identity", "going", "still"), node("Identity", "b", "next_a"),
                          node("Add", "a step", "next_b")],
                 [value("i", [], I64), value("going", [], BOOL), value("a", [4]), value("b", [4])],
                 [value("still", [], BOOL), value("next_a", [4]), value("next_b", [4])])
    return simple("loop_swap", [node("Loop", "three yes x zero", "y z", body=body)], [value("x", [4])],
                  [value("y", [4]), value("z", [4])],
                  [const("three", 3, np.int64), const("yes", True), weights("step", 4),
                   const("zero", np.zeros(4, np.float32))])


@valid
def loop_while():
    """Loop without a trip count whose condition depends on data: doubles until the sum passes 100."""
    nodes = [node("Add", "t t", "next"), node("ReduceSum", "next", "sum", keepdims=0), node("Less", "sum limit", "still")]
    body = graph("body", nodes, [value("i", [], I64), value("going", [], BOOL), value("t", [4])],
                 [value("still", [], BOOL), value("next", [4])])
    return simple("loop_while", [node("Abs", "x", "a"), node("Add", "a one", "start"),
                                 node("Loop", "- yes start", "y", body=body)],
                  [value("x", [4])], [value("y", [4])],
                  [const("yes", True), const("limit", 100, np.float32), const("one", 1, np.float32)])


@valid
def loop_growing():
    """Loop whose carried value grows each step, by a slice that the step's number chooses: unrolled when imported."""
    nodes = [node("Identity", "going", "still"), node("Unsqueeze", "i first", "from"), node("Add", "from one", "to"),
             node("Slice", "x from to", "part"), node("Concat", "all part", "next", axis=0)]
    body = graph("body", nodes, [value("i", [], I64), value("going", [], BOOL), value("all", [None])],
                 [value("still", [], BOOL), value("next", [None])])
    return simple("loop_growing", [node("Loop", "three yes start", "y", body=body)], [value("x", [4])],
                  [value("y", [4])],
                  [const("three", 3, np.int64), const("yes", True), const("start", [0.5], np.float32),
                   const("first", [0], np.int64), const("one", [1], np.int64)])


@valid
def scan_axes():
    """Scan over the last axis, backwards, of one input and the first of another; stacks along the last axis."""
    nodes = [node("Add", "sum a", "partial"), node("Mul", "partial b", "next"), node("Identity", "next", "each")]
    body = graph("body", nodes, [value("sum", [2]), value("a", [2]), value("b", [2])],
                 [value("next", [2]), value("each", [2])])
    scan = node("Scan", "start x z", "y all", body=body, num_scan_inputs=2, scan_input_axes=[1, 0],
                scan_input_directions=[1, 0], scan_output_axes=[-1], scan_output_directions=[1])
    return simple("scan_axes", [scan], [value("x", [2, 3]), value("z", [3, 2])],
                  [value("y", [2]), value("all", [2, 3])], [weights("start", 2)])


@refused
def loop_shape_changes():
    """A Loop with an unknown trip count whose carried value grows: its shape is not static."""
    body = graph("body", [node("Identity", "going", "still"), node("Concat", "all x", "next", axis=0)],
                 [value("i", [], I64), value("going", [], BOOL), value("all", [None])],
                 [value("still", [], BOOL), value("next", [None])])
    return simple("loop_shape_changes", [node("Loop", "count yes x", "y", body=body)],
                  [value("x", [4]), value("count", [], I64)], [value("y", [None])], [const("yes", True)])


@refused
def loop_stacks():
    """A Loop with an unknown trip count that stacks each step's value: the stack's shape is not static."""
    body = graph("body", [node("Identity", "going", "still"), node("Neg", "x", "each")],
                 [value("i", [], I64), value("going", [], BOOL)], [value("still", [], BOOL), value("each", [4])])
    return simple("loop_stacks", [node("Loop", "count yes", "y", body=body)],
                  [value("x", [4]), value("count", [], I64)], [value("y", [None, 4])], [const("yes", True)])


@refused
def if_shapes():
    """An If with an unknown condition whose branches give tensors of different ranks."""
    branches = [graph("then", [node("Neg", "x", "t")], [], [value("t", [4])]),
                graph("else", [node("ReduceSum", "x", "e", keepdims=0)], [], [value("e", [])])]
    return simple("if_shapes", [node("If", "flag", "y", then_branch=branches[0], else_branch=branches[1])],
                  [value("x", [4]), value("flag", [], BOOL)], [value("y", [None])])


@refused
def lstm_activation():
    """An LSTM with an activation that does not exist."""
    return _network("LSTM", 4, 1, "", "y", activations=["Sigmoid", "Tanh", "Tango"])


def _growing(depth):
    """The body of a loop whose value grows, around `depth` loops of three steps of the same."""
    inner = node("Concat", f"v{depth} x", f"n{depth}", axis=0)
    if depth > 0:
        inner = node("Loop", f"three yes v{depth}", f"n{depth}", body=_growing(depth - 1))
    return graph(f"body{depth}", [node("Identity", f"c{depth}", f"s{depth}"), inner],
                 [value(f"i{depth}", [], I64), value(f"c{depth}", [], BOOL), value(f"v{depth}", [None])],
                 [value(f"s{depth}", [], BOOL), value(f"n{depth}", [None])])


@refused
def loop_bomb_nested():
    """Twenty Loops inside each other whose value changes its shape: 3^20 steps if unrolled without a limit."""
    return simple("loop_bomb_nested", [node("Loop", "three yes x", "y", body=_growing(19))], [value("x", [4])],
                  [value("y", [None])], [const("three", 3, np.int64), const("yes", True)])


@refused
def loop_bomb_doubling():
    """A Loop that never ends and doubles its value each step."""
    body = graph("body", [node("Identity", "going", "still"), node("Concat", "all all", "next", axis=0)],
                 [value("i", [], I64), value("going", [], BOOL), value("all", [None])],
                 [value("still", [], BOOL), value("next", [None])])
    return simple("loop_bomb_doubling", [node("Loop", "- yes x", "y", body=body)], [value("x", [4])],
                  [value("y", [None])], [const("yes", True)])


@refused
def loop_endless():
    """A Loop without a trip count whose condition is always true."""
    body = graph("body", [node("Identity", "going", "still"), node("Neg", "v", "next")],
                 [value("i", [], I64), value("going", [], BOOL), value("v", [4])],
                 [value("still", [], BOOL), value("next", [4])])
    return simple("loop_endless", [node("Loop", "- yes x", "y", body=body)], [value("x", [4])], [value("y", [4])],
                  [const("yes", True)])
