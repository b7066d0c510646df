"""Write a table of the CPU of another one, with the decisions given.

    force.py TABLE DECISION... -- PROBLEM...     DECISION: "F(4,3)", "3x2", "direct 6x1 order=rows"; the table goes to stdout
"""
import json
import sys


def entry(problem, decision):
    result = {"problem": problem, "ms": 1, "usual_ms": 2}
    for word in decision.split():
        if word[0].isdigit():
            result["tile"] = [int(size) for size in word.split("x")]
        elif "=" in word:
            key, value = word.split("=")
            result[key] = json.loads(value) if key in ("unroll", "shared_inputs") else value
        else:
            result["algorithm"] = word
    return result


def main():
    table, rest = sys.argv[1], sys.argv[2:]
    split = rest.index("--")
    decisions, problems = rest[:split], rest[split + 1:]
    with open(table) as file:
        forced = json.load(file)
    # One decision for all problems, or one for each.
    decisions = decisions * len(problems) if len(decisions) == 1 else decisions
    forced["entries"] = [entry(*pair) for pair in zip(problems, decisions, strict=True)]
    json.dump(forced, sys.stdout)


main()
