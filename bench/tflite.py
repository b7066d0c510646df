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


def compiled(content: bytes, inputs: list[np.ndarray], keep_all: bool) -> tuple[dict, list[str]]:
    """What mlc makes of it: outputs by name, and its warnings."""
    onnx_model = tflite_to_onnx.convert(content, keep_all)
    model = mlc_compiler.Model(onnx_model, arithmetic="tflite", name="tflite")
    names = [i.name for i in onnx_model.graph.input]
    return model.run(dict(zip(names, inputs))), [str(w) for w in model.warnings]


def reference(content: bytes, inputs: list[np.ndarray], names) -> dict:
    """What LiteRT makes of it, the tensors that `names` names t0, t1 ..."""
    made = tflite_file.interpreter(content, keep_all=True)
    for detail, value in zip(made.get_input_details(), inputs):
        made.set_tensor(detail["index"], value)
    made.invoke()
    return {name: made.get_tensor(int(name[1:])) for name in names}


def compare(title: str, content: bytes, inputs: list[np.ndarray], keep_all: bool = False, verbose: bool = False) -> tuple[int, int]:
    """Elements that differ, and all."""
    try:
        found, warnings = compiled(content, inputs, keep_all)
    except mlc_compiler.Error as error:
        print(f"{title}: not compiled: {error}")
        return 1, 1
    wanted = reference(content, inputs, found)
    differ = {name: int((found[name] != wanted[name]).sum()) for name in found}
    total, all_of = sum(differ.values()), sum(v.size for v in wanted.values())
    notes = f", {len(warnings)} warnings" if warnings else ""
    print(f"{title}: {total} of {all_of} differ, {len(found)} results{notes}", flush=True)
    if verbose:
        for name in (n for n in differ if differ[n]):
            off = np.abs(found[name].astype(int) - wanted[name].astype(int))
            print(f"  {name} {list(found[name].shape)}: {differ[name]} differ, by up to {off.max()}")
        for line in warnings:
            print(f"  {line}")
    return total, all_of


def record(folder: str, name: str, content: bytes, inputs: list[np.ndarray]) -> None:
    """Writes the model in ONNX, and inputs and LiteRT's outputs by name, with all samples in the first dimension."""
    model = tflite_to_onnx.convert(content)
    names = [o.name for o in model.graph.output]
    answers = reference(content, inputs, names)
    onnx.save(model, os.path.join(folder, f"{name}.onnx"))
    np.savez_compressed(os.path.join(folder, f"{name}.npz"), **dict(zip((i.name for i in model.graph.input), inputs)), **answers)
    print(f"{name}: {len(names)} results")


def network(name: str) -> tuple[bytes, list[np.ndarray]]:
    import tflite_networks  # with TensorFlow
    content = tflite_networks.make(name)
    return content, [np.random.default_rng(11).integers(-128, 128, (1, *tflite_networks.SHAPE)).astype(np.int8)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="families of tflite_cases.py (default: all), or with --networks networks")
    parser.add_argument("--count", type=int, default=0, help="operators a family")
    parser.add_argument("--seeds", type=int, default=1, help="families of how many seeds")
    parser.add_argument("--networks", action="store_true", help="of tflite_networks.py; needs TensorFlow")
    parser.add_argument("--record", metavar="FOLDER", help="write models and LiteRT's answers for the tests instead")
    parser.add_argument("-v", dest="verbose", action="store_true", help="which results differ, and warnings")
    args = parser.parse_args()
    known = NETWORKS if args.networks else tflite_cases.FAMILIES
    failed = 0
    for name in args.names or known:
        for seed in range(1, args.seeds + 1):
            content, arrays = network(name) if args.networks else tflite_cases.make(name, args.count, seed)
            if args.record:
                record(args.record, name, content, arrays)
            else:
                failed += compare(name, content, arrays, args.networks, args.verbose)[0]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
