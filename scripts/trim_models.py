#!/usr/bin/env python3
"""Derives mock-server/models/*.json from botocore's service models: operations, shapes, locations and errors, no prose.

Usage: scripts/trim_models.py [SERVICE [OPERATION ...]]

Installs the pinned botocore from PyPI into .venv-models (which git ignores) and writes the models anew, each with the operations that it has.
With a service it adds these operations to its model, or makes the model: with all operations where none is named. The output depends on nothing
but the pins, the arguments and the models that are there, so a second run changes nothing. botocore is licensed under Apache-2.0.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path

BOTOCORE = "1.44.5"
# Services that spoke the query protocol before JSON and still answer it: the last botocore that knew their names in forms and XML.
QUERY_BEFORE = {"sqs": "1.29.165"}
# Errors that a service answers with and no model has: code of the query protocol and status. Source: recorded by LocalStack's tests against AWS.
UNMODELLED_ERRORS = {
    "sqs": {
        "InvalidParameterValueException": ("InvalidParameterValue", 400),
        "MissingRequiredParameterException": ("MissingParameter", 400),
        "AccessDeniedException": ("AccessDenied", 403),
    },
}
ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "mock-server" / "models"
SHAPE_KEYS = (
    "type", "required", "payload", "enum", "min", "max", "pattern", "flattened", "locationName", "error", "exception", "timestampFormat",
    "streaming", "xmlNamespace", "union", "sensitive", "document", "sparse", "fault",
)
MEMBER_KEYS = (
    "location", "locationName", "queryName", "flattened", "idempotencyToken", "jsonvalue", "xmlAttribute", "streaming", "timestampFormat",
    "xmlNamespace",
)
METADATA_KEYS = (
    "protocol", "protocols", "jsonVersion", "targetPrefix", "apiVersion", "xmlNamespace", "endpointPrefix", "signingName", "serviceId",
    "awsQueryCompatible",
)


def botocore_data(version: str) -> Path:
    folder = ROOT / ".venv-models"
    if not folder.exists():
        venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"botocore=={version}"], check=True)
    where = subprocess.run([python, "-c", "import botocore; print(botocore.__path__[0])"], check=True, capture_output=True, text=True)
    return Path(where.stdout.strip()) / "data"


def load(data: Path, service: str) -> dict:
    newest = sorted(path for path in (data / service).iterdir() if path.is_dir())[-1]
    plain = newest / "service-2.json"
    if plain.exists():
        return json.loads(plain.read_text())
    import gzip

    return json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))


def reference(member: dict) -> dict:
    return {"shape": member["shape"], **{key: member[key] for key in MEMBER_KEYS if key in member}}


def trim_shape(shape: dict) -> dict:
    kept = {key: shape[key] for key in SHAPE_KEYS if key in shape}
    if "error" in kept:
        kept["error"] = {key: kept["error"][key] for key in ("code", "httpStatusCode", "senderFault") if key in kept["error"]}
    for key in ("member", "key", "value"):
        if key in shape:
            kept[key] = reference(shape[key])
    if "members" in shape:
        kept["members"] = {name: reference(member) for name, member in shape["members"].items()}
    return kept


def trim(model: dict, wanted: set[str]) -> dict:
    missing = [name for name in wanted if name not in model["operations"]]
    if missing:
        sys.exit(f"the model has no operation {', '.join(missing)}")
    operations, waiting = {}, []
    for name in sorted(wanted):
        operation = model["operations"][name]
        kept = {key: operation[key] for key in ("http", "requestcompression") if key in operation}
        for side in ("input", "output"):
            if side in operation:
                kept[side] = {key: operation[side][key] for key in ("shape", "resultWrapper", "locationName", "xmlNamespace") if key in operation[side]}
                waiting.append(operation[side]["shape"])
        kept["errors"] = [error["shape"] for error in operation.get("errors", [])]
        waiting += kept["errors"]
        operations[name] = kept
    shapes = {}
    while waiting:
        name = waiting.pop()
        if name in shapes:
            continue
        shape = model["shapes"][name]
        shapes[name] = trim_shape(shape)
        waiting += [shape[key]["shape"] for key in ("member", "key", "value") if key in shape]
        waiting += [member["shape"] for member in shape.get("members", {}).values()]
    metadata = {key: model["metadata"][key] for key in METADATA_KEYS if key in model["metadata"]}
    provenance = f"Trimmed by scripts/trim_models.py from botocore {BOTOCORE} (Apache-2.0): operations and shapes, no prose."
    return {
        "provenance": " ".join([provenance, *([model["query"]] if "query" in model else [])]),
        "metadata": metadata,
        "operations": operations,
        "shapes": dict(sorted(shapes.items())),
    }


def speak_query(model: dict, before: dict, version: str) -> None:
    """Adds to a model what it takes to speak the query protocol, from the older model that had it."""
    metadata = model["metadata"]
    metadata["protocols"] = [metadata["protocol"], "query"]
    metadata["xmlNamespace"] = before["metadata"]["xmlNamespace"]
    model["query"] = f"Names of the query protocol from botocore {version}."
    for name, operation in model["operations"].items():
        wrapper = before["operations"].get(name, {}).get("output", {}).get("resultWrapper")
        if wrapper:
            operation["output"]["resultWrapper"] = wrapper
    for name, shape in model["shapes"].items():
        old = before["shapes"].get(name, {})
        for key in ("flattened", "locationName"):
            if key in old:
                shape[key] = old[key]
        if shape.get("exception"):
            shape.setdefault("error", old.get("error", {"code": name, "httpStatusCode": 400}))
        for key in ("member", "key", "value"):
            if key in shape and "locationName" in old.get(key, {}):
                shape[key]["locationName"] = old[key]["locationName"]
        for member, known in old.get("members", {}).items():
            kept = {key: known[key] for key in ("locationName", "flattened") if key in known}
            shape.get("members", {}).get(member, {}).update(kept)


def main() -> None:
    wanted = {path.stem: set(json.loads(path.read_text())["operations"]) for path in sorted(MODELS.glob("*.json"))}
    service, *added = sys.argv[1:] or [None]
    if service is not None:
        wanted.setdefault(service, set()).update(added)
    before = {service: load(botocore_data(version), service) for service, version in QUERY_BEFORE.items()}
    data = botocore_data(BOTOCORE)
    for service, operations in wanted.items():
        model = load(data, service)
        for name, (code, status) in UNMODELLED_ERRORS.get(service, {}).items():
            members = {"message": {"shape": "ExceptionMessage"}}
            model["shapes"][name] = {"type": "structure", "members": members, "exception": True, "error": {"code": code, "httpStatusCode": status}}
            for operation in model["operations"].values():
                operation.setdefault("errors", []).append({"shape": name})
        if service in QUERY_BEFORE:
            speak_query(model, before[service], QUERY_BEFORE[service])
        operations = operations or set(model["operations"])
        text = json.dumps(trim(model, operations), indent=0, separators=(",", ":"), ensure_ascii=False)
        (MODELS / f"{service}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
