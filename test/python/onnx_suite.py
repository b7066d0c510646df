#!/usr/bin/env python3
"""ONNX's own backend suite, onnx.backend.test, over mlc_compiler.backend, as any backend runs it.

    onnx_suite.py                 the node cases of ONNX's operators, and the models that onnx carries
    onnx_suite.py --smoke         of the node cases one of each operator, and a few models
    onnx_suite.py --filter=conv   those whose name matches

A node case passes here if and only if test/conformance/expected_node.json says that it passes `mlc check`, and a model unless it is in
REFUSED. Others raise Error, but for those that are answered otherwise on purpose (test/conformance/decided.py). The last line is "N passed, N failed, N skipped"; exit status 1 where something failed or nothing passed.
"""
import argparse
import collections
import json
import pathlib
import re
import sys
import unittest
import warnings

import mlc_compiler
import mlc_compiler.backend
from onnx.backend.test import BackendTest

CONFORMANCE = pathlib.Path(__file__).resolve().parents[1] / "conformance"
sys.path.append(str(CONFORMANCE))
from decided import DECIDED  # noqa: E402

EXPECTED = CONFORMANCE / "expected_node.json"
NODES = "OnnxBackendNodeModelTest"
# Models that are fetched or whose answers ONNX's reference computes by and by; answers of another generator of random numbers.
LEFT_OUT = re.compile(r"OnnxBackendRealModelTest|test_(bernoulli|multinomial|random)")
# Strings, training, and a sequence whose lengths are an input.
REFUSED = re.compile(r"test_(strnorm|gradient_of|sequence_model8$)")
# One unit in the last place of f16, which the suite's 0.001 does not allow everywhere.
TOLERANCES = {name: {"rtol": 2**-9} for name in ("test_attention_4d_causal_fp16", "test_attention_4d_causal_fp16_expanded")}


class Result(unittest.TestResult):
    """Which cases were refused, and why others failed."""

    def __init__(self):
        super().__init__()
        self.passed, self.refused, self.wrong = set(), {}, {}

    def addSuccess(self, test):
        self.passed.add(test.id().split(".")[-1])

    def addSkip(self, test, reason):
        """The suite leaves out models for which is_compatible is false."""
        self.refused[test.id().split(".")[-1]] = reason

    def addError(self, test, error):
        name = test.id().split(".")[-1]
        if isinstance(error[1], mlc_compiler.Error):
            self.refused[name] = str(error[1]).splitlines()[0]
        else:
            self.wrong[name] = repr(error[1])

    def addFailure(self, test, error):
        self.wrong[test.id().split(".")[-1]] = str(error[1])


def chosen_cases(options, expected):
    """Tests, and whether each is to pass."""
    seen = collections.Counter()
    for kind, cases in sorted(BackendTest(mlc_compiler.backend, __name__, TOLERANCES).test_cases.items()):
        for test in unittest.defaultTestLoader.loadTestsFromTestCase(cases):
            case = test.id().split(".")[-1]
            if LEFT_OUT.search(f"{kind}.{case}") or not case.endswith("_cpu") or not re.search(options.filter, case):
                continue
            group = re.match(r"test_[^_]*", case)[0] if kind == NODES else case[:len("test_") + 3]
            seen[kind, group] += 1
            if options.smoke and seen[kind, group] > 1:
                continue
            plain = case[:-len("_cpu")]
            yield test, plain in expected["passed"] if kind == NODES else not REFUSED.match(plain)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--filter", default="")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # cases overflow and divide by zero on purpose
    expected = json.loads(EXPECTED.read_text())
    chosen = dict(chosen_cases(options, expected))
    result = Result()
    for test in chosen:
        test(result)
    failed = []
    for test, passes in chosen.items():
        case = test.id().split(".")[-1]
        right = case in result.passed if passes else case in result.refused or case[:-len("_cpu")] in DECIDED
        if not right:
            why = result.wrong.get(case) or result.refused.get(case) or "passes, which is not expected"
            failed.append(f"{case}: {why.strip()}")
    print("\n".join(failed))
    print(f"{len(result.passed)} cases are computed, {len(result.refused)} refused")
    print(f"{len(chosen) - len(failed)} passed, {len(failed)} failed, 0 skipped")
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
