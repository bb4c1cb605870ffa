#!/usr/bin/env python3
"""Derives mock-server/policies/aws-managed.txt.zst, the catalogue of AWS's managed policies, and aws-managed-documents.txt.zst beside it.

Usage: scripts/derive_managed_policies.py

Installs the pinned moto and zstandard from PyPI into .venv-policies (which git ignores) and writes both files anew. The output depends on
nothing but the pins below, so a second run changes nothing. moto is licensed under Apache-2.0; it reads the policies from AWS with
ListPolicies and GetPolicyVersion once a month.

Both are text, compressed with zstd. The catalogue begins with lines `# key: value`: where it comes from, and a count that a test compares
with what follows. Then a line for each policy, in the order of their names:

    path<TAB>name<TAB>default version<TAB>created<TAB>updated     dates in seconds of the epoch

The documents are JSON, one a line, in the same order. Neither has AWS's ids and descriptions, which moto does not read.
"""

import ast
import json
import subprocess
import venv
from datetime import datetime
from pathlib import Path

MOTO = "5.2.5"
ZSTANDARD = "0.25.0"
ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "mock-server" / "policies"
COMPRESS = "import sys, zstandard; sys.stdout.buffer.write(zstandard.ZstdCompressor(level=19).compress(sys.stdin.buffer.read()))"


def python() -> Path:
    folder = ROOT / ".venv-policies"
    if not folder.exists():
        venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    packages = [f"moto=={MOTO}", f"zstandard=={ZSTANDARD}"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", *packages], check=True)
    return python


def policies(python: Path) -> dict:
    found = subprocess.run(
        [python, "-c", "import importlib.util; print(importlib.util.find_spec('moto').origin)"], check=True, capture_output=True, text=True
    )
    module = Path(found.stdout.strip()).parent / "iam" / "aws_managed_policies.py"
    literal = module.read_text().split("=", 1)[1].strip()
    return json.loads(ast.literal_eval(literal))


def seconds(date: str) -> int:
    return int(datetime.fromisoformat(date).timestamp())


def write(python: Path, name: str, lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    done = subprocess.run([python, "-c", COMPRESS], input=text.encode(), check=True, capture_output=True)
    (DATA / name).write_bytes(done.stdout)


def main() -> None:
    interpreter = python()
    known = sorted(policies(interpreter).items())
    newest = max(policy["UpdateDate"] for _, policy in known)[:10]
    head = [f"# source: moto {MOTO} (PyPI, Apache-2.0), read from AWS", f"# newest: {newest}", f"# policies: {len(known)}"]
    rows = [
        "\t".join([policy["Path"], name, policy["DefaultVersionId"], str(seconds(policy["CreateDate"])), str(seconds(policy["UpdateDate"]))])
        for name, policy in known
    ]
    write(interpreter, "aws-managed.txt.zst", head + rows)
    documents = [json.dumps(policy["Document"], separators=(",", ":"), ensure_ascii=False) for _, policy in known]
    write(interpreter, "aws-managed-documents.txt.zst", documents)


if __name__ == "__main__":
    main()
