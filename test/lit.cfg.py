# The lit suite: every .mlir and .test file under test/, but for unit/, which is a suite of its own. docs/building.md
# lists the substitutions and features.
import os
import platform
import shutil
import subprocess

import lit.formats
import lit.util

config.name = "mlc"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.mlc_obj_root, "test")

# Tools by name: ours first, then FileCheck, not, mlir-opt, llvm-nm and so on.
tools = [os.path.join(config.mlc_obj_root, "bin"), config.llvm_tools_dir]
config.environment["PATH"] = os.pathsep.join(tools + [os.environ["PATH"]])
for name in ("HOME", "LLVM_SYMBOLIZER_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "XDG_CACHE_HOME"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

source = config.mlc_src_root
runtime = os.path.join(source, "runtime")
c_flags = f"-Wall -Wextra -Werror -O2 -I{os.path.join(runtime, 'include')}"
config.substitutions += [
    ("%{source}", source),
    ("%{build}", config.mlc_obj_root),
    ("%{examples}", os.path.join(source, "examples")),
    ("%{runtime}", runtime),
    ("%{python}", config.python or "python3"),
    ("%{cmake}", config.cmake),
    ("%{cc}", f"{config.host_cc} -std=c11 {c_flags}"),
    ("%{cxx}", f"{config.host_cxx} -std=c++17 {c_flags}"),
]
config.available_features.update(tool for tool in config.tools if tool)
if config.python:
    config.available_features.add("python-onnx")

# Cross targets, one row each: name, GNU triple, qemu's name. The feature "qemu-<name>" says that a test can link with
# %{cc-<name>} and run with %{run-<name>}.
CROSS_TARGETS = [
    ("aarch64", "aarch64-linux-gnu", "qemu-aarch64"),
    ("armv7", "arm-linux-gnueabihf", "qemu-arm"),
    ("riscv64", "riscv64-linux-gnu", "qemu-riscv64"),
]
for name, triple, qemu in CROSS_TARGETS:
    if shutil.which(triple + "-gcc") and shutil.which(qemu):
        config.available_features.add("qemu-" + name)
    config.substitutions += [
        ("%{cc-" + name + "}", f"{triple}-gcc -std=c11 {c_flags}"),
        ("%{cxx-" + name + "}", f"{triple}-g++ -std=c++17 {c_flags}"),
        ("%{run-" + name + "}", f"{qemu} -L /usr/{triple}"),
    ]

# WebAssembly under Node, with WASI's C library; Windows under Wine.
if shutil.which("node") and os.path.isdir("/usr/include/wasm32-wasi"):
    config.available_features.add("node-wasm32")
if shutil.which("wine") and shutil.which("x86_64-w64-mingw32-gcc"):
    config.available_features.add("wine-x86_64")


def gcc_has(library):
    """Whether GCC brings a sanitizer's library."""
    if not shutil.which("gcc"):
        return False
    path = subprocess.check_output(["gcc", f"-print-file-name={library}"], text=True).strip()
    return os.path.isabs(path)


if shutil.which("valgrind"):
    config.available_features.add("valgrind")
if gcc_has("libasan.so") and gcc_has("libubsan.so"):
    config.available_features.add("sanitizers")
    flags = "-g -fsanitize=address,undefined -fno-sanitize-recover=all"
    config.substitutions.append(("%{cc-sanitized}", f"gcc -std=c11 {c_flags} {flags}"))
# setarch turns off the address randomisation that older ThreadSanitizers do not expect.
if gcc_has("libtsan.so") and shutil.which("setarch"):
    config.available_features.add("tsan")
    config.substitutions.append(("%{cc-tsan}", f"gcc -std=c11 {c_flags} -g -fsanitize=thread -pthread"))
    config.substitutions.append(("%{run-tsan}", f"setarch {platform.machine()} -R"))

# The machine the tests run on: "host-x86_64", "host-aarch64", and "host-<flag>" for each CPU flag that a test names.
config.available_features.add("host-" + platform.machine())
HOST_FLAGS = {"avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"}
if os.path.exists("/proc/cpuinfo"):
    with open("/proc/cpuinfo") as info:
        for flag in HOST_FLAGS & set(info.read().split()):
            config.available_features.add("host-" + flag)

# A Rust newer than Debian's is nothing that set-up can bring.
if shutil.which("cargo"):
    config.available_features.add("host-cargo")

# A folder of models and data that is not part of this repository; tests that need it are unsupported without it.
shared = os.environ.get("MLC_SHARED", os.path.join(os.path.dirname(source), "shared"))
if os.path.isdir(os.path.join(shared, "models")):
    config.available_features.add("shared-models")
    config.substitutions.append(("%{shared}", shared))
    config.environment["MLC_SHARED"] = shared
