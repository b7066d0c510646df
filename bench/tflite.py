"""mlc's --arithmetic=tflite beside LiteRT's reference kernels, element by element. bench/tflite runs it.

Single operators by family, on odd shapes and scales (tflite_cases.py), and networks that TensorFlow's own converter quantised, of
which every layer's result is compared. The exit status is 1 where a bit differs.
"""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "python")]
os.environ.setdefault("MLC_COMPILER_LIBRARY", os.path.join(HERE, "..", "build", "lib", "libmlc-compiler.so"))

import mlc_compiler  # noqa: E402
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import tflite_cases  # noqa: E402
import tflite_file  # noqa: E402
import tflite_to_onnx  # noqa: E402

NETWORKS = ("cnn", "mobile", "excited", "branches")
Samples = list[list[np.ndarray]]


def reference(content: bytes, samples: Samples, names: list[str]) -> list[np.ndarray]:
    """What LiteRT makes of samples: the tensors that `names` names t0, t1 ..., samples first."""
    made = tflite_file.interpreter(content, keep_all=True)
    results = []
    for inputs in samples:
        for detail, value in zip(made.get_input_details(), inputs):
            made.set_tensor(detail["index"], value)
        made.invoke()
        results.append([made.get_tensor(int(name[1:])) for name in names])
    return [np.stack(values) for values in zip(*results)]


def compare(title: str, content: bytes, samples: Samples, keep_all: bool, verbose: bool) -> int:
    """Elements that differ, of all results, or of all that operators give."""
    onnx_model = tflite_to_onnx.convert(content, keep_all)
    inputs, names = ([v.name for v in values] for values in (onnx_model.graph.input, onnx_model.graph.output))
    try:
        model = mlc_compiler.Model(onnx_model, arithmetic="tflite", name="tflite")
    except mlc_compiler.Error as error:
        print(f"{title}: not compiled: {error}")
        return 1
    runs = [model.run(dict(zip(inputs, sample))) for sample in samples]
    found = [np.stack([run[name] for run in runs]) for name in names]
    wanted = reference(content, samples, names)
    differ = [int((f != w).sum()) for f, w in zip(found, wanted)]
    notes = f", {len(model.warnings)} warnings" if model.warnings else ""
    print(f"{title}: {sum(differ)} of {sum(w.size for w in wanted)} differ, {len(names)} results{notes}", flush=True)
    if verbose:
        for name, count, f, w in (row for row in zip(names, differ, found, wanted) if row[1]):
            print(f"  {name} {list(f.shape)}: {count} differ, by up to {np.abs(f.astype(float) - w.astype(float)).max():g}")
        for warning in model.warnings:
            print(f"  {warning}")
    return sum(differ)


def record(folder: str, name: str, content: bytes, samples: Samples) -> None:
    """Writes the model in ONNX, and inputs and LiteRT's outputs by name, with samples in the first dimension."""
    model = tflite_to_onnx.convert(content)
    names = [o.name for o in model.graph.output]
    arrays = dict(zip((i.name for i in model.graph.input), (np.stack(values) for values in zip(*samples))))
    arrays.update(zip(names, reference(content, samples, names)))
    onnx.save(model, os.path.join(folder, f"{name}.onnx"))
    np.savez_compressed(os.path.join(folder, f"{name}.npz"), **arrays)
    print(f"{name}: {len(names)} results")


def network(name: str, count: int) -> tuple[bytes, Samples]:
    import tflite_networks  # with TensorFlow
    random = np.random.default_rng(11)
    content, shape = tflite_networks.make(name)
    return content, [[random.integers(-128, 128, (1, *shape)).astype(np.int8)] for _ in range(count or 8)]


def family(name: str, count: int, seed: int, byte) -> tuple[bytes, Samples]:
    content, arrays = tflite_cases.make(name, count, seed, byte)
    return content, [arrays]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="families of tflite_cases.py (default: all), or with --networks networks")
    parser.add_argument("--count", type=int, default=0, help="operators a family, or samples of a network")
    parser.add_argument("--seeds", type=int, default=1, help="families of how many seeds")
    parser.add_argument("--unsigned", action="store_true", help="operators of unsigned bytes")
    parser.add_argument("--networks", action="store_true", help="of tflite_networks.py, by default the small ones; needs TensorFlow")
    parser.add_argument("--record", metavar="FOLDER", help="write models and LiteRT's answers for the tests instead")
    parser.add_argument("-v", dest="verbose", action="store_true", help="which results differ, and warnings")
    args = parser.parse_args()
    known = NETWORKS if args.networks else tflite_cases.UNSIGNED if args.unsigned else tflite_cases.FAMILIES
    byte = np.uint8 if args.unsigned else np.int8
    failed = 0
    for name in args.names or known:
        for seed in range(1, args.seeds + 1):
            content, samples = network(name, args.count) if args.networks else family(name, args.count, seed, byte)
            if args.record:
                record(args.record, name + "_unsigned" * args.unsigned, content, samples)
            else:
                failed += compare(name, content, samples, args.networks, args.verbose)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
