"""Aims generated requests at things that exist, and away from the client's own sign-in.

A random 32-bit number names nothing, and every answer would be 404. A valid id, and only a valid one, is therefore folded onto the few
that the demo has; what is invalid stays as it was made, so that nothing wrong becomes right by accident.
"""

import json
import os

import schemathesis

U32_MAX = 2**32 - 1
# Ids in paths and in bodies: the demo has a handful of most things, and two conferences.
FEW = 8
CONFERENCES = 3
IDS = {
    "conference", "item", "site", "unit", "person", "directive", "notice", "task", "extension", "session",
    "parent", "presenter", "issuer", "units", "officer_of", "after",
}
HASH = os.environ["NHIPCAU_FILE_HASH"]
FILE_BYTES = int(os.environ["NHIPCAU_FILE_BYTES"])
AVOIDED = json.loads(os.environ["NHIPCAU_AVOIDED"])


def is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= U32_MAX


def few(value, name):
    # One in eight stays: an id of nothing is a question too.
    of = CONFERENCES if name == "conference" else FEW
    return value % of + 1 if is_id(value) and value > of and value % 8 else value


def aimed(value, name=""):
    """The same JSON with its valid ids folded."""
    if isinstance(value, dict):
        if is_good_file(value):
            return value | {"hash": HASH, "bytes": FILE_BYTES}
        return {key: aimed(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [aimed(each, name) for each in value]
    if name in IDS:
        return few(value, name)
    if name == "expected_seq" and isinstance(value, int) and value > FEW and value % 4:
        # A random version is always stale; three times in four nothing is expected.
        return None
    return value


def is_good_file(value):
    return (
        set(value) == {"hash", "name", "bytes"}
        and isinstance(value["hash"], str)
        and len(value["hash"]) == 64
        and set(value["hash"]) <= set("0123456789abcdef")
        and isinstance(value["name"], str)
        and is_id(value["bytes"])
    )


def close(schema):
    """What the document does not name must not come: for clients the document stays open, for this test it is closed."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            schema.setdefault("additionalProperties", False)
        for each in schema.values():
            close(each)
    elif isinstance(schema, list):
        for each in schema:
            close(each)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    close(raw_schema["components"]["schemas"])


@schemathesis.hook
def before_call(context, case, kwargs):
    path = dict(case.path_parameters or {})
    for name, value in path.items():
        number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
        if name in IDS and is_id(number):
            path[name] = few(number, name)
        if name == "hash" and isinstance(value, str) and len(value) == 64 and value[0] in "01234567":
            path[name] = HASH
    operation = case.operation.definition.raw.get("operationId")
    for name, (forbidden, instead) in AVOIDED.get(operation, {}).items():
        if str(path.get(name)) in map(str, forbidden):
            path[name] = instead
    if path:
        case.path_parameters = path
    if isinstance(case.body, dict):
        case.body = aimed(case.body)
