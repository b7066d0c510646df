"""Check mlc report's JSON beside what mlc compile and mlc bench say of the same model.

    check_report.py REPORT CONTRACT BENCH
"""
import json
import sys

report, contract, bench = (json.load(open(path)) for path in sys.argv[1:4])
(model,) = report["models"]
memory = contract["memory"]
for key, theirs in (("parameters", contract), ("macs", contract), ("weights_bytes", memory), ("code_bytes", memory),
                    ("arena_bytes", memory), ("stack_bytes", memory)):
    assert model[key] == theirs[key], (key, model[key], theirs[key])
assert model["flash_bytes"] == memory["weights_bytes"] + memory["code_bytes"]

assert model["nominal_operations"] == bench["nominal_operations"]
layers, rows = model["layers"], bench["operators"]
assert len(layers) == len(rows)
for layer, row in zip(layers, rows):
    assert layer["node"] == (row["node"] or row["function"])
    for key in ("op", "kernel", "function", "element", "detail", "visits", "operations", "nominal_operations", "bytes"):
        assert layer[key] == row[key], (layer, row)
    assert layer["operations"] >= 2 * layer["macs"] and layer["weight_bytes"] <= layer["bytes"]
assert sum(layer["macs"] for layer in layers) == model["executed_macs"]
assert sum(layer["bytes"] for layer in layers) == model["moved_bytes"]
energy = sum(layer["energy"]["total_pj"] for layer in layers)
assert abs(energy - model["energy"]["total_pj"]) <= 1e-9 * energy and energy > 0
if "time" in model:
    assert all(layer["ms"] > 0 and layer["estimated_ms"] >= 0 for layer in layers)
    assert 0 < model["time"]["best_ms"] <= model["time"]["median_ms"]
print("the same")
