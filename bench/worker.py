"""Runs one engine on one network, in a process of its own, with the Python of the engine's environment.

    worker.py ENGINE MODEL INPUT.npy OUTPUT.npy SECONDS THREADS PRECISION

Loads, runs once to warm up, then for SECONDS, three times at least. Writes the first output and prints a line of JSON:
the milliseconds of each run and the peak resident memory. Loading, and handing over the input where an engine binds it
once, are not timed. With BENCH_CLOCK=processor in the environment, milliseconds are the processor's, of all threads.
"""
from __future__ import annotations

import json
import os
import sys
import time
from typing import Callable

import numpy as np

Run = Callable[[], np.ndarray]


def onnxruntime(model: str, x: np.ndarray, threads: int, precision: str) -> Run:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x}
    first = [session.get_outputs()[0].name]
    return lambda: session.run(first, feed)[0]


def openvino(model: str, x: np.ndarray, threads: int, precision: str) -> Run:
    import openvino as ov

    config = {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": precision if precision in ("bf16", "f16") else "f32",
    }
    request = ov.Core().compile_model(model, "CPU", config).create_infer_request()
    tensor = ov.Tensor(x, shared_memory=True)
    request.set_input_tensor(tensor)

    # The request does not keep the tensor's memory alive: the default argument does.
    def run(_keep=(x, tensor)) -> np.ndarray:
        request.infer()
        return request.get_output_tensor(0).data

    return run


def ncnn(model: str, x: np.ndarray, threads: int, precision: str) -> Run:
    import ncnn as engine

    net = engine.Net()
    for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic"):
        setattr(net.opt, option, False)
    net.opt.use_bf16_storage = precision == "bf16"
    net.opt.num_threads = threads
    if net.load_param(model) or net.load_model(model.replace(".param", ".bin")):
        sys.exit(f"{model}: ncnn cannot load it")
    blob = engine.Mat(x[0])

    def run(_keep=x) -> np.ndarray:
        extractor = net.create_extractor()
        extractor.input("in0", blob)
        _, result = extractor.extract("out0")
        return np.array(result, copy=False)

    return run


def mnn(model: str, x: np.ndarray, threads: int, precision: str) -> Run:
    import MNN
    from MNN import expr

    manager = MNN.nn.create_runtime_manager(({"backend": 0, "precision": 1, "numThread": threads},))
    with open(model + ".json", encoding="utf-8") as file:
        names = json.load(file)
    net = MNN.nn.load_module_from_file(model, [names["input"]], [names["output"]], runtime_manager=manager)
    value = expr.placeholder(list(x.shape), expr.NCHW)
    value.write(x)
    value = expr.convert(value, expr.NC4HW4)
    # Nothing is computed before it is read.
    return lambda: expr.convert(net.forward([value])[0], expr.NCHW).read()


def iree(model: str, x: np.ndarray, threads: int, precision: str) -> Run:
    from iree import runtime

    config = runtime.Config("local-sync" if threads == 1 else "local-task")
    with open(model, "rb") as file:
        module = runtime.VmModule.copy_buffer(config.vm_instance, file.read())
    bound = runtime.load_vm_module(module, config)
    with open(model + ".json", encoding="utf-8") as file:
        function = bound[json.load(file)["function"]]
    value = runtime.asdevicearray(config.device, x)

    def run() -> np.ndarray:
        result = function(value)
        return (result[0] if isinstance(result, (tuple, list)) else result).to_host()

    return run


def executorch(model: str, x: np.ndarray, threads: int, precision: str) -> Run:
    import torch
    from executorch.extension.pybindings import portable_lib
    from executorch.runtime import Runtime

    portable_lib._unsafe_reset_threadpool(threads)
    method = Runtime.get().load_program(model).load_method("forward")
    inputs = (torch.from_numpy(x),)
    return lambda: method.execute(inputs)[0].numpy()


ENGINES = {load.__name__: load for load in (onnxruntime, openvino, ncnn, mnn, iree, executorch)}


def peak_mib() -> float:
    """The most that was resident. getrusage would count what the process held before it became this program."""
    with open("/proc/self/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def main() -> None:
    name, model, source, target = sys.argv[1:5]
    seconds, threads, precision = float(sys.argv[5]), int(sys.argv[6]), sys.argv[7]
    run = ENGINES[name](model, np.load(source), threads, precision)
    output = run()
    times = []
    now = time.process_time if os.environ.get("BENCH_CLOCK") == "processor" else time.perf_counter
    end = now() + seconds
    while len(times) < 3 or now() < end:
        start = now()
        output = run()
        times.append(1e3 * (now() - start))
    np.save(target, np.array(output, "f4"))
    print(json.dumps({"ms": times, "peak_mib": peak_mib()}))


if __name__ == "__main__":
    main()
