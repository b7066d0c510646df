"""Writes inputs and onnxruntime's outputs for the models of this folder that compile: expected/MODEL/*.npy.

    python3 test/models/references.py           write them all
    python3 test/models/references.py --check   fail if onnxruntime, run now, is further away than the tolerances

Files are input_0.npy, output_0.npy and so on, in the order of the graph's inputs and outputs (initializers that are
listed as inputs do not count), since names need not be file names. Symbolic dims are bound as DIMS says. Needs
onnxruntime==1.32.0, onnx==1.23.2 and numpy==2.4.6; run make.py first."""

import pathlib
import sys

import numpy as np
import onnx
import onnx.reference
import onnxruntime

import build
import make  # noqa: F401  it registers the models

HERE = pathlib.Path(__file__).parent
DIMS = {"N": 2, "T": 5, "2*N": 4, "T + 2*N": 9, "floor(T/2)": 2, "Max(1, (T - 1)//N + 2)": 4, "": 2}  # "" is a dim without a name

# Inputs that cannot be just any number.
CHOSEN = {("value_branch", "rate"): 16000, ("io_types", "i"): [0, 6, 3, -1, 2], ("loop_dynamic", "count"): 3, ("if_dynamic", "flag"): False,
          ("if_nested", "flag"): True, ("if_empty_branches", "flag"): True, ("if_shadows", "flag"): True, ("if_into_kernels", "flag"): True,
          ("loop_nested", "count"): 2, ("sequences", "place"): -1, ("sequence_loops", "count"): 3,
          ("sequence_loops", "flag"): True,
          ("ms_decoder", "lengths"): [4, 2], ("rnn_lengths_input", "lengths"): [2, 5],
          ("scatter_given", "i"): [[2], [-4]], ("scatter_given", "e"): [[0, 2], [1, -1], [2, 2], [-3, 0]],
          ("integer_functions", "i"): [[1, 2, 2], [-1, -2, -2], [-3, 0, 1], [5, 0, 3]],
          ("integer_functions", "n"): [0, 1, 8, 9, 30], ("integer_functions", "u"): [0, 3, 200],
          ("nms_centres", "most"): [4], ("nms_centres", "iou"): [0.1],
          ("compressed_columns", "keep"): [1, 0, 1, 1, 0, 0], ("top_of_found", "mask"): [0, 1, 1, 0, 1, 0, 1, 1, 0],
          ("found_branches", "mask"): [0, 1, 1, 0, 1, 0, 1, 1, 0], ("found_written", "keep"): [1, 0, 1, 1, 0, 1],
          ("found_written", "last"): [[-1]], ("slices_given", "at"): 2, ("slices_given", "end"): [-3],
          ("slices_given", "starts"): [1, -7], ("slices_given", "ends"): [9, 8], ("found_filled", "rows"): [1, 0, 1],
          ("found_regions", "keep"): [1, 0, 1, 1, 0], ("found_regions", "images"): [0, 1, 1, 0, 1],
          ("gathers", "e"): [[0, 2], [1, -1], [2, 2], [-3, 0]], ("gathers", "i"): [[3, 0], [-1, -3]]}

# What onnxruntime refuses though it is valid (a branch without nodes); the ONNX reference computes these.
EVALUATED = {"if_empty_branches"}


def input_of(model, info):
    tensor = info.type.tensor_type
    dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)
    if (model, info.name) in CHOSEN:
        return np.array(CHOSEN[model, info.name], dtype)
    is_known = lambda d: d.HasField("dim_value") and d.dim_value >= 0
    shape = [d.dim_value if is_known(d) else DIMS[d.dim_param] for d in tensor.shape.dim]
    values = 2 * build.random(f"{model}/{info.name}", *shape)  # multiples of 1/32 in [-2,2]
    if dtype == bool:
        return values > 0
    return np.rint(values * 63 + 128).astype(dtype) if dtype == np.uint8 else np.asarray(values, dtype)


def references(path):
    """(inputs, outputs) of the model at `path`, each a list of arrays in the order of the graph."""
    graph = onnx.load(path, load_external_data=False).graph
    constants = {t.name for t in graph.initializer}
    feeds = {i.name: input_of(path.stem, i) for i in graph.input if i.name not in constants}
    if path.stem in EVALUATED:
        return list(feeds.values()), onnx.reference.ReferenceEvaluator(str(path)).run(None, feeds)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.x64quantprecision", "1")  # else sums saturate where a CPU has no VNNI
    options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")  # else what narrow weights multiply becomes bytes
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return list(feeds.values()), session.run([o.name for o in graph.output], feeds)


def is_close(stored, now):
    if stored.dtype != now.dtype or stored.shape != now.shape:
        return False
    if now.dtype.kind != "f":
        return np.array_equal(stored, now)
    tolerance = 1e-2 if now.dtype == np.float16 else 1e-5
    return np.allclose(stored.astype(np.float64), now.astype(np.float64), rtol=tolerance, atol=tolerance)


def files_of(name):
    inputs, outputs = references(HERE / f"{name}.onnx")
    for kind, arrays in (("input", inputs), ("output", outputs)):
        for i, array in enumerate(arrays):
            yield HERE / "expected" / name / f"{kind}_{i}.npy", array


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    wrong = []
    for name in build.VALID:
        for path, array in files_of(name):
            if sys.argv[1:]:
                if not path.is_file() or not is_close(np.load(path), array):
                    wrong.append(str(path.relative_to(HERE)))
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                np.save(path, array)
    if wrong:
        sys.exit(f"references.py: not what onnxruntime computes: {' '.join(wrong)}")


if __name__ == "__main__":
    main()
