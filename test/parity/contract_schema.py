"""Holds contracts to docs/contract.schema.json: contract_schema.py FILE...

A validator of the words that the schema uses; one that it does not know is an error, so that nothing goes unchecked.
"""
import json
import os
import re
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
SCHEMA = os.path.join(ROOT, "docs/contract.schema.json")
TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}
NOTES = {"$schema", "$id", "$defs", "title", "description"}
WORDS = {"type", "const", "enum", "pattern", "minimum", "minItems", "maxItems", "items", "properties", "required",
         "additionalProperties", "$ref"} | NOTES


def problems(value, schema: dict, root: dict, place: str):
    """Yields a line for each word of `schema` that `value` does not keep."""
    unknown = schema.keys() - WORDS
    assert not unknown, f"{place}: the validator does not know {unknown}"
    if "$ref" in schema:
        target = root
        for key in schema["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        yield from problems(value, target, root, place)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(TYPES[kind](value) for kind in kinds):
        yield f"{place}: {value!r} is not of type {' or '.join(kinds)}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{place}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: {value!r} does not match {schema['pattern']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{place}: {value} is less than {schema['minimum']}"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{place}: {len(value)} items"
        for i, item in enumerate(value):
            yield from problems(item, schema.get("items", {}), root, f"{place}[{i}]")
    if isinstance(value, dict):
        yield from (f"{place}: '{key}' is missing" for key in schema.get("required", []) if key not in value)
        for key, item in value.items():
            rest = schema.get("additionalProperties", True)
            known = schema.get("properties", {}).get(key, rest)
            if known is False:
                yield f"{place}: '{key}' is not known"
            elif known is not True:
                yield from problems(item, known, root, f"{place}.{key}")


def load() -> dict:
    with open(SCHEMA, encoding="utf-8") as file:
        return json.load(file)


def validate(contract: dict) -> None:
    """AssertionError with all that is wrong."""
    schema = load()
    found = list(problems(contract, schema, schema, "contract"))
    assert not found, "; ".join(found)


def main() -> int:
    failed = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            contract = json.load(file)
        try:
            validate(contract)
        except AssertionError as error:
            failed += 1
            print(f"{path}: {error}")
    print(f"{len(sys.argv) - 1 - failed} of {len(sys.argv) - 1} contracts keep to the schema")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
