"""Exports an ONNX network to a program of ExecuTorch whose operators XNNPACK computes, with the Python of its environment.

    export_executorch.py MODEL.onnx INPUT.npy PROGRAM.pte

Prints a line of JSON: how many parts XNNPACK computes, and the operators that it left to ExecuTorch's own kernels.
"""
from __future__ import annotations

import json
import sys

import numpy as np
import torch
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import to_edge_transform_and_lower

import torch_import


def main() -> None:
    model, source, target = sys.argv[1:4]
    x = np.load(source)
    network = torch_import.load(model, x)
    with torch.no_grad():
        exported = torch.export.export(network, (torch.from_numpy(x),))
        lowered = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()])
        program = lowered.to_executorch()
    with open(target, "wb") as file:
        program.write_to_file(file)
    calls = [str(n.target) for n in lowered.exported_program().graph.nodes if n.op == "call_function"]
    rest = sorted({name for name in calls if "delegate" not in name and "getitem" not in name})
    print(json.dumps({"parts": sum("delegate" in name for name in calls), "rest": rest}))


if __name__ == "__main__":
    main()
