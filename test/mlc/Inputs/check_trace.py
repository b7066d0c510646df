"""Check a trace of mlc bench: the form, names, threads, nesting, and its figures beside those of the report.

    check_trace.py TRACE REPORT THREADS
"""
import json
import sys

TICK = 0.002  # microseconds: both ends are rounded to nanoseconds


def inside(inner: dict, outer: dict) -> bool:
    return inner["ts"] >= outer["ts"] - TICK and inner["ts"] + inner["dur"] <= outer["ts"] + outer["dur"] + TICK


def main() -> None:
    trace, report = (json.load(open(path)) for path in sys.argv[1:3])
    threads = int(sys.argv[3])
    events = trace["traceEvents"]
    names = {e["tid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "thread_name"}
    assert names[1] == "caller" and len(names) <= threads and 0 not in names, names
    spans = [e for e in events if e["ph"] == "X"]
    assert len(spans) + len(names) + 1 == len(events)
    assert all(e["tid"] in names and e["pid"] == 1 and e["dur"] >= 0 for e in spans)

    (run,) = [e for e in spans if e["cat"] == "run"]
    kernels = [e for e in spans if e["cat"] == "kernel"]
    parts = [e for e in spans if e["cat"] == "part"]
    assert run["name"] == report["model"] and run["tid"] == 1 and run["ts"] == 0
    rows = report["operators"]
    assert [k["name"] for k in kernels] == [r["node"] or r["function"] for r in rows]
    assert [k["args"]["kernel"] for k in kernels] == [r["kernel"] for r in rows]
    assert all(k["tid"] == 1 and inside(k, run) for k in kernels)
    assert all(a["ts"] + a["dur"] <= b["ts"] + TICK for a, b in zip(kernels, kernels[1:]))

    for part in parts:
        homes = [k for k in kernels if inside(part, k)]
        assert len(homes) == 1 and homes[0]["name"] == part["name"], part
        assert homes[0]["args"]["function"] == part["args"]["function"]
    for tid in names:  # one thread does one part at a time
        own = sorted((p for p in parts if p["tid"] == tid), key=lambda p: p["ts"])
        assert all(a["ts"] + a["dur"] <= b["ts"] + TICK for a, b in zip(own, own[1:]))

    # The report has of each operator the shortest time of all profiled runs, this one among them.
    for kernel, row in zip(kernels, rows):
        assert kernel["dur"] >= row["ms"] * 1e3 - TICK, (kernel, row)
        assert kernel["args"]["operations"] == row["operations"] and kernel["args"]["bytes"] == row["bytes"]
    total = sum(k["dur"] for k in kernels)
    other = trace["otherData"]
    assert total <= run["dur"] + TICK * len(kernels)
    assert abs(other["operators_ms"] - sum(r["ms"] for r in rows)) < 1e-9 and other["best_ms"] == report["best_ms"]
    assert other["cpu"] == report["cpu"] and other["threads"] == report["threads"] == threads
    print(f"{len(kernels)} kernels, {'some' if parts else 'no'} parts on {len(names)} threads")


main()
