#!/usr/bin/env python3
"""Derives mock-server/tests/protocols/*.json from botocore's protocol tests: shapes, requests and responses, no prose.

Usage: scripts/trim_protocol_tests.py

Downloads the source distribution of the botocore that scripts/trim_models.py pins, which holds the tests, and writes the
files anew. botocore is licensed under Apache-2.0; its tests were generated from those of Smithy (Apache-2.0).
"""

import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from trim_models import BOTOCORE, ROOT

FOLDER = ROOT / "mock-server" / "tests" / "protocols"
PROSE = {"documentation", "description", "idempotent", "auth"}


def without_prose(value, names: bool = False):
    """Drops prose, but no member, shape or parameter that happens to have such a name (`names`: the keys are names)."""
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if names or key not in PROSE}
    return {
        key: item if key in ("params", "result", "error") and "given" in value else without_prose(item, key in ("shapes", "members", "headers"))
        for key, item in kept.items()
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", f"botocore=={BOTOCORE}", "--dest", folder]
        subprocess.run(command, check=True)
        with tarfile.open(next(Path(folder).glob("botocore-*.tar.gz"))) as archive:
            tests = f"botocore-{BOTOCORE}/tests/unit/protocols"
            for member in sorted(archive.getnames()):
                if not member.startswith(f"{tests}/input/") or not member.endswith(".json"):
                    continue
                name = member.rsplit("/", 1)[1]
                suites = {side: json.load(archive.extractfile(f"{tests}/{side}/{name}")) for side in ("input", "output")}
                write(FOLDER / name, suites)


def write(path: Path, suites: dict) -> None:
    lines = [f'"source":"botocore {BOTOCORE}, tests/unit/protocols, without prose","license":"Apache-2.0"']
    for side, of_side in suites.items():
        # The tests of compressed requests come without their bodies.
        for suite in of_side:
            suite["cases"] = [case for case in suite["cases"] if "requestcompression" not in case["given"]]
        of_side = [suite for suite in of_side if suite["cases"]]
        rows = [json.dumps(without_prose(suite), separators=(",", ":"), ensure_ascii=False) for suite in of_side]
        lines.append(f'"{side}":[\n' + ",\n".join(rows) + "\n]")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
