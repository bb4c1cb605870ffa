"""The parts of `scripts/bench checks` that need DuckDB; it runs in an environment that scripts/bench makes.

bench_checks.py copy FROM TO COPIES: copies a dataset with one scan, every row once for each copy, under other account ids.
bench_checks.py queries DATASET: runs the queries of all checks, with all rows in memory at the end, and prints what that took.
bench_checks.py exported DATASET PROGRAM OUT: runs what `PROGRAM checks export --each` prints, with the findings of each check in a file beside OUT, and prints what that took.
"""

import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
# As many rows as the row groups have that lambdasweep writes.
ROW_GROUP = 20_480
# What the engine reads of the coverage, which no query does.
COVERAGE = ["account_id", "region", "resource_arn", "fact", "outcome", "error_code"]
# The organisation's own tables: once is enough.
ONCE = {"organizational_units", "organization_policies", "policy_targets"}


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute("SET preserve_insertion_order = true")
    return connection


def copy(source: Path, target: Path, copies: int) -> None:
    """Account ids are twelve digits wherever they stand; each copy has two leading digits of its own."""
    manifest = json.loads(next((source / "_scans").glob("*.json")).read_text())
    connection = connect()
    files = []
    for file in manifest["files"]:
        table = file["table"]
        if table in ("findings", "check_results"):
            continue
        path = target / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = f"SELECT *, file_row_number FROM read_parquet('{source / file['path']}', file_row_number = true, hive_partitioning = false)"
        described = connection.execute(f"DESCRIBE {rows}").fetchall()
        names = [name for name, *_ in described if name != "file_row_number"]
        texts = {name for name, kind, *_ in described if kind == "VARCHAR"}
        has_account = "account_id" in names
        columns = ", ".join(
            f"regexp_replace({name}, '\\b[0-9]{{2}}([0-9]{{10}})\\b', k || '\\1', 'g') AS {name}" if name in texts else name for name in names
        )
        parts = []
        for number in range(1 if table in ONCE or not has_account else copies):
            # The organisation's own rows stand once.
            kept = "" if number == 0 or not has_account else "WHERE account_id <> ''"
            parts.append(f"SELECT {columns}, {number} AS part, file_row_number FROM (SELECT *, '{10 + number}' AS k FROM ({rows}) {kept})")
        order = "account_id, part, file_row_number" if has_account else "part, file_row_number"
        everything = " UNION ALL ".join(parts)
        connection.execute(
            f"COPY (SELECT {', '.join(names)} FROM ({everything}) ORDER BY {order}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )
        count = connection.execute(f"SELECT count(*) FROM read_parquet('{path}', hive_partitioning = false)").fetchone()[0]
        print(f"{table}: {count} rows", file=sys.stderr)
        files.append(file | {"rows": count, "bytes": path.stat().st_size, "sha256": ""})
    (target / "_scans").mkdir(exist_ok=True)
    (target / "_scans" / f"{manifest['scan_id']}.json").write_text(json.dumps(manifest | {"files": files}))


def queries(dataset: Path) -> None:
    manifest = json.loads(next((dataset / "_scans").glob("*.json")).read_text())
    connection = connect()
    for file in manifest["files"]:
        path = dataset / file["path"]
        connection.execute(f"CREATE VIEW {file['table']} AS SELECT * FROM read_parquet('{path}', hive_partitioning = false)")
    statements = {}
    for path in sorted((ROOT / "crates/checks/checks").glob("*.md")):
        statements[path.stem] = re.search(r"^# Query\n\n```sql\n(.*?)\n```", path.read_text(), re.S | re.M).group(1)

    def answer_all() -> dict:
        each = {}
        for name, statement in statements.items():
            start = time.monotonic()
            connection.execute(f"CREATE OR REPLACE TEMP TABLE answer AS {statement}")
            each[name] = round(time.monotonic() - start, 2)
        return {"each": each}

    def read_coverage() -> dict:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE covered AS SELECT {', '.join(COVERAGE)} FROM coverage")
        return {}

    best = best_of_three(answer_all)
    print(json.dumps(best | {"coverage_cpu_seconds": best_of_three(read_coverage)["cpu_seconds"]}))


def best_of_three(work) -> dict:
    """What the fastest of three runs took, with what it answered."""
    best = None
    for _ in range(3):
        before, begun = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        answered = work()
        seconds, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        run = {"seconds": seconds, "cpu_seconds": cpu, **answered}
        best = min(best or run, run, key=lambda it: it["seconds"])
    return best


def exported(dataset: Path, program: Path, out: Path) -> None:
    scan_id = json.loads(next((dataset / "_scans").glob("*.json")).read_text())["scan_id"]
    command = [program, "checks", "export", "--dialect", "duckdb", "--scan", f"{dataset.resolve()}/{scan_id}", "--each", "--only"]
    tables, findings = (subprocess.run([*command, part], check=True, capture_output=True, text=True).stdout for part in ("tables", "findings"))
    # A statement for each check: all of them at once would need more memory with every check.
    statements = [part.strip() for part in re.split(r";\s*$", findings, flags=re.M) if part.strip()]
    connection = connect()
    # Findings have no order of their own in SQL; what does not fit into memory goes beside the files.
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(f"SET temp_directory = '{out.parent}'")
    connection.execute("SET memory_limit = '8GB'")
    connection.execute(tables)

    def write_findings() -> dict:
        for number, statement in enumerate(statements):
            connection.execute(f"COPY ({statement}) TO '{out.parent}/{number}-{out.name}' (FORMAT parquet, COMPRESSION zstd)")
        return {"statements": len(statements)}

    best = best_of_three(write_findings)
    best["rows"] = connection.execute(f"SELECT count(*) FROM read_parquet('{out.parent}/*-{out.name}')").fetchone()[0]
    best["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(best))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["copy", source, target, copies]:
            copy(Path(source), Path(target), int(copies))
        case ["queries", dataset]:
            queries(Path(dataset))
        case ["exported", dataset, program, out]:
            exported(Path(dataset), Path(program), Path(out))
        case _:
            sys.exit(__doc__)
