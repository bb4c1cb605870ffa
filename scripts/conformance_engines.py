"""The part of `scripts/conformance-engines` that needs the engines; it runs in an environment that the script makes.

Compares what DuckDB and Spark answer with the statements of `lambdasweep checks export` with what lambdasweep itself answers, row by row and column by
column: first over a scan of a generated organisation with accounts and facts that could not be read, then over copies of its dataset in which rows were
damaged by chance. Ends with 1 where anything differs.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import sqlglot

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ROOT / "testdata" / "engines"
COLUMNS = ["account_id", "region", "resource_arn", "resource_type", "check_id", "status", "fault", "severity", "detail", "fingerprint"]
SPEC = "accounts=20,regions=4,functions=600,seed=7,suspended=1,roleless=2"
# Some accounts and facts are denied, throttled or fail; a role that may not be entered is in SPEC.
FAULTS = [
    "lambda:GetPolicy@*/eu-west-1=AccessDeniedException:40",
    "lambda:ListVersionsByFunction=TooManyRequestsException:60",
    "lambda:ListCodeSigningConfigs@*/us-east-1=ServiceException:30",
    "lambda:ListLayers=AccessDeniedException:5",
    "iam:GetAccountAuthorizationDetails=AccessDenied:4",
    "account:ListRegions=AccessDeniedException:2",
]
# What at least one compared row has to show, or the comparison says less than it seems to; with as many damaged datasets as by default.
SHOWN = {
    "a detail that is cut": "detail LIKE '%…'",
    "a fault that is cut": "fault LIKE '%…%'",
    "a FAIL that stands though not all was read": "status = 'FAIL' AND detail LIKE '%(not all was read: %'",
    "several UNKNOWN rows": "detail LIKE '%(and % more)'",
    "no answer": "detail = 'the check gave no answer'",
    "no coverage": "detail LIKE 'no coverage record for %'",
    "coverage that conflicts": "detail LIKE 'coverage records for % conflict%'",
    "a gap in a Region": "detail LIKE '%, in __-%'",
    "a gap of a function": "detail LIKE '%, for arn:aws:lambda:%'",
    "a gap of a queue that a function refers to": "detail LIKE '%queues%, for arn:aws:sqs:%'",
    "an account that was not read": "resource_type = 'account' AND check_id <> 'engines-account' AND check_id <> 'guardrail-missing'",
    "a Region that was not read": "resource_type = 'account-region' AND check_id <> 'engines-account-region'",
    "another partition": "resource_arn LIKE 'arn:aws-cn:%'",
    "text that is not ASCII": "detail LIKE '%日本語%' OR detail LIKE '%Größe%'",
}
# Athena takes statements up to this length.
MOST_CHARACTERS = 262_144


class Mock:
    def __init__(self, programs: Path):
        command = [programs / "lambdasweep-mock", "--port", "0", "--generate", SPEC]
        command += [word for fault in FAULTS for word in ("--fault", fault)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.management = self.process.stdout.readline().split()[-1]
        self.url = self.process.stdout.readline().split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def scan(programs: Path, out: Path) -> None:
    with Mock(programs) as mock:
        environment = {"AWS_ACCESS_KEY_ID": mock.management, "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL": mock.url, "PATH": "/usr/bin:/bin"}
        options = ["--quota-share", "off", "--as-of", "2026-11-24", "--attempts", "2", "--patience", "1", "--facts", "all"]
        command = [programs / "lambdasweep", "scan", "--out", out, "--scan-id", "scan-1", *options]
        code = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    if code not in (0, 4):
        sys.exit(f"the scan ended with {code}")


def judge(programs: Path, dataset: Path, lines: Path) -> None:
    command = [programs / "lambdasweep", "judge", "--out", dataset, "--scan", "scan-1", "--checks-dir", CHECKS, "--output", f"jsonl={lines}", "--with-pass"]
    ended = subprocess.run(command, capture_output=True, text=True)
    # Where a query answers for what is not there, the engine says so and takes all of its answers back, which SQL cannot.
    if ended.returncode not in (0, 4) or "its query" in ended.stdout + ended.stderr:
        sys.exit(f"judge ended with {ended.returncode}: {ended.stdout}{ended.stderr}")


def export(programs: Path, dialect: str, dataset: str, *options: str) -> list[str]:
    """The statements; each ends with a semicolon at the end of its line."""
    command = [programs / "lambdasweep", "checks", "export", "--dialect", dialect, "--scan", f"{dataset}/scan-1", *options]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [statement.strip() for statement in (text.rstrip() + "\n").split(";\n") if statement.strip()]


def nullable_columns() -> dict[str, list[str]]:
    """The columns whose cells may be absent, by table, as the declarations of the tables have it."""
    columns: dict[str, list[str]] = {}
    for line in (ROOT / "docs" / "tables.md").read_text().splitlines():
        if line.startswith("## "):
            table = line[3:]
        elif match := re.match(r"\| `(\w+)` \| \w+, may be absent \|", line):
            columns.setdefault(table, []).append(match.group(1))
    return columns


class Damage:
    """A copy of a dataset in which rows are missing, double, different, empty, absent or not ASCII."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.connection = duckdb.connect()
        self.connection.execute("SELECT setseed(?)", [self.random.random()])
        self.connection.execute("SET threads = 1")

    def copy(self, source: Path, target: Path) -> None:
        manifest = json.loads(next((source / "_scans").glob("*.json")).read_text())
        tables = [file["table"] for file in manifest["files"] if file["table"] not in ("findings", "check_results")]
        for name in tables:
            self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{source}/{name}/*/*.parquet', hive_partitioning = false)")
        self.change(tables)
        files = []
        for name in tables:
            path = target / name / "scan_id=scan-1" / "part-0000.parquet"
            path.parent.mkdir(parents=True)
            columns = [column for column, *_ in self.connection.execute(f"DESCRIBE {name}").fetchall()]
            order = "ORDER BY ALL" if columns[0] == "account_id" else ""
            self.connection.execute(f"COPY (SELECT * FROM {name} {order}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
            rows = self.connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            files.append({"table": name, "path": str(path.relative_to(target)), "rows": rows, "bytes": path.stat().st_size, "sha256": ""})
        (target / "_scans").mkdir()
        (target / "_scans" / "scan-1.json").write_text(json.dumps(manifest | {"files": files}))

    def change(self, tables: list[str]) -> None:
        do = self.connection.execute
        share = lambda: self.random.choice([0, 0.01, 0.1])
        # Accounts are judged where coverage or functions speak of them.
        outcomes = "['ok', 'denied', 'not_found', 'gone', 'throttled', 'failed', 'region_disabled', 'skipped'][1 + CAST(floor(random() * 8) AS INTEGER)]"
        do(f"DELETE FROM coverage WHERE random() < {share()} AND account_id <> ''")
        do(f"INSERT INTO coverage SELECT * REPLACE ({outcomes} AS outcome) FROM coverage WHERE random() < {share()}")
        do(f"UPDATE coverage SET outcome = {outcomes} WHERE random() < {share()}")
        do("UPDATE coverage SET error_code = CASE WHEN random() < 0.5 THEN 'Größe' END WHERE outcome <> 'ok' AND random() < 0.3")
        do("UPDATE coverage SET region = '' WHERE fact = 'functions' AND resource_arn = '' AND random() < 0.02")
        do(f"DELETE FROM regions r WHERE random() < {share()} AND NOT EXISTS (SELECT 1 FROM functions f WHERE f.account_id = r.account_id AND f.region = r.region)")
        # A scan has settings only of Regions that it knows.
        do("DELETE FROM account_settings s WHERE NOT EXISTS (SELECT 1 FROM regions r WHERE r.account_id = s.account_id AND r.region = s.region)")
        do(f"UPDATE regions SET opt_status = 'ASSUMED' WHERE random() < {share()}")
        do("INSERT INTO regions SELECT * REPLACE ('cn-north-1' AS region) FROM regions WHERE random() < 0.01")
        self.rows_of_tables(tables)
        self.queues()

    def rows_of_tables(self, tables: list[str]) -> None:
        """Rows that are missing, cells that are absent, and a table without rows."""
        do = self.connection.execute
        own = {"coverage", "regions", "checks"}
        nullable = nullable_columns()
        for name in (name for name in tables if name not in own):
            if self.random.random() < 0.1:
                do(f"DELETE FROM {name}")
            elif self.random.random() < 0.3:
                do(f"DELETE FROM {name} WHERE random() < 0.1")
            for column in nullable.get(name, []):
                if self.random.random() < 0.5:
                    do(f"UPDATE {name} SET {column} = NULL WHERE random() < 0.1")
        # What is read of a function is not there without the function: a query would answer for what is none.
        for name in tables:
            if name not in own | {"functions"} and "function_arn" in [column for column, *_ in do(f"DESCRIBE {name}").fetchall()]:
                do(f"DELETE FROM {name} WHERE function_arn NOT IN (SELECT function_arn FROM functions)")
        # Texts that are cut, by characters and not by bytes; faults whose rest is a digest.
        do("UPDATE functions SET function_name = 'größe-' || function_name || '-日本語' WHERE random() < 0.2")
        do("UPDATE functions SET function_name = repeat('ö', 190 + CAST(floor(random() * 20) AS INTEGER)) WHERE random() < 0.05")
        do("UPDATE resource_policy_statements SET exposure_reason = repeat('ß', 250 + CAST(floor(random() * 400) AS INTEGER)) WHERE random() < 0.3")
        do("UPDATE resource_policy_statements SET statement_key = statement_key || repeat('é', 210) WHERE random() < 0.1")
        do("UPDATE layers SET exposure = 'unknown', exposure_reason = repeat('x', 599 + CAST(floor(random() * 3) AS INTEGER)) WHERE random() < 0.3")
        do("UPDATE role_escalations SET steps = repeat('😀', 290 + CAST(floor(random() * 20) AS INTEGER)) WHERE random() < 0.3")

    def queues(self) -> None:
        """What functions refer to, in accounts of the scan and in others."""
        do = self.connection.execute
        for name in ("queues", "failure_targets"):
            columns = {column: kind for column, kind, *_ in do(f"DESCRIBE {name}").fetchall()}
            rest = lambda given: ", ".join(given.get(column, {"VARCHAR": "''", "BOOLEAN": "FALSE", "BIGINT": "NULL"}[kind]) + f" AS {column}" for column, kind in columns.items())
            arn = "'arn:aws:sqs:eu-west-1:' || a.owner || ':queue-' || n"
            if name == "queues":
                owners = "(SELECT unnest(['999999999999', (SELECT min(account_id) FROM functions), (SELECT max(account_id) FROM functions)]) AS owner) a, range(12) r(n)"
                given = {"account_id": "a.owner", "region": "'eu-west-1'", "queue_arn": arn, "queue_name": "'queue-' || n", "fifo": "n % 2 = 0"}
                do(f"INSERT INTO queues SELECT {rest(given)} FROM {owners} WHERE a.owner IS NOT NULL")
            else:
                given = {"account_id": "f.account_id", "region": "f.region", "function_arn": "f.function_arn", "qualifier": "'$LATEST'", "purpose": "q.queue_name"}
                given |= {"target_arn": "q.queue_arn", "queue_arn": "NULLIF(q.queue_arn, 'arn:aws:sqs:eu-west-1:999999999999:queue-3')", "fifo": "q.fifo"}
                do(f"INSERT INTO failure_targets SELECT {rest(given)} FROM functions f, queues q WHERE random() < 0.02")
        # Coverage stands in the account of the queue; an account of none of the scan's is known by it only.
        outcome = "['ok', 'ok', 'ok', 'gone', 'not_found', 'denied'][1 + CAST(floor(random() * 6) AS INTEGER)]"
        columns = [column for column, *_ in do("DESCRIBE coverage").fetchall()]
        given = {"account_id": "account_id", "region": "region", "resource_arn": "queue_arn", "fact": "'queues'", "outcome": outcome, "attempts": "1"}
        rows = ", ".join(f"{given.get(column, 'NULL')} AS {column}" for column in columns)
        do(f"INSERT INTO coverage SELECT {rows} FROM queues WHERE random() < 0.8")
        do("INSERT INTO coverage SELECT * REPLACE ('denied' AS outcome) FROM coverage WHERE fact = 'queues' AND random() < 0.1")
        do("DELETE FROM queues WHERE random() < 0.2")


class Comparison:
    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.differences = 0
        self.shown = dict.fromkeys(SHOWN, 0)

    def expect(self, rows: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TABLE expected AS SELECT {', '.join(COLUMNS)} FROM {rows}")
        for name, condition in SHOWN.items():
            self.shown[name] += self.connection.execute(f"SELECT count(*) FROM expected WHERE {condition}").fetchone()[0]

    def compare(self, what: str, rows: str, seconds: float) -> None:
        columns = ", ".join(COLUMNS)
        mine, theirs = f"SELECT {columns} FROM expected", f"SELECT {columns} FROM {rows}"
        count = lambda query: self.connection.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]
        missing, more = (self.connection.execute(f"{a} EXCEPT ALL {b}").fetchall() for a, b in ((mine, theirs), (theirs, mine)))
        self.differences += len(missing) + len(more)
        statuses = dict(self.connection.execute(f"SELECT status, count(*) FROM ({mine}) GROUP BY 1").fetchall())
        told = ", ".join(f"{statuses.get(status, 0)} {status}" for status in ("FAIL", "UNKNOWN", "PASS", "NOT_APPLICABLE"))
        print(f"{what}: {count(theirs)} rows of {count(mine)} ({told}); {len(missing)} missing, {len(more)} other; {seconds:.1f} s", flush=True)
        for name, of in (("missing", missing), ("other", more)):
            for row in of[:3]:
                print(f"  {name}: {dict(zip(COLUMNS, row))}")


def duckdb_answers(comparison: Comparison, what: str, programs: Path, dataset: Path, *options: str) -> None:
    connection = comparison.connection
    for statement in export(programs, "duckdb", str(dataset), "--only", "tables", *options):
        connection.execute(statement)
    for statement in export(programs, "duckdb", str(dataset), "--only", "findings", *options):
        begun = time.monotonic()
        connection.execute(f"CREATE OR REPLACE TABLE answer AS\n{statement}")
        comparison.compare(f"{what}, DuckDB, all checks", "answer", time.monotonic() - begun)
    each = export(programs, "duckdb", str(dataset), "--only", "findings", "--each", *options)
    seconds, parts = 0.0, []
    for number, statement in enumerate(each):
        begun = time.monotonic()
        connection.execute(f"CREATE OR REPLACE TABLE answer_{number} AS\n{statement}")
        seconds += time.monotonic() - begun
        parts.append(f"SELECT * FROM answer_{number}")
    comparison.compare(f"{what}, DuckDB, check by check", f"({' UNION ALL '.join(parts)})", seconds)


class Spark:
    def __init__(self, folder: Path):
        from pyspark.sql import SparkSession

        self.folder, self.runs = folder, 0
        # Compiling the plans of these statements takes far longer than running them over so few rows.
        builder = SparkSession.builder.master("local[2]").config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": "3g",
            "spark.sql.shuffle.partitions": "1",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        }
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    def answers(self, comparison: Comparison, what: str, programs: Path, dataset: Path, whole: bool, *options: str) -> None:
        self.runs += 1
        options = (*options, "--database", f"engines_{self.runs}")
        for statement in export(programs, "spark", str(dataset), "--only", "tables", *options):
            self.session.sql(statement)
        seconds, paths = 0.0, []
        how = () if whole else ("--each",)
        for number, statement in enumerate(export(programs, "spark", str(dataset), "--only", "findings", *how, *options)):
            begun, path = time.monotonic(), self.folder / f"answer-{self.runs}-{number}"
            self.session.sql(statement).coalesce(1).write.parquet(str(path))
            seconds += time.monotonic() - begun
            paths.append(f"'{path}/*.parquet'")
        name = "all checks" if whole else "check by check"
        comparison.compare(f"{what}, Spark, {name}", f"read_parquet([{', '.join(paths)}])", seconds)


def athena_parses(programs: Path, *options: str) -> int:
    """sqlglot reads the statements; it does not know whether Athena answers them."""
    problems = longest = statements = 0
    for how in ((), ("--each",)):
        for statement in export(programs, "athena", "s3://bucket/lambda", *how, *options):
            longest, statements = max(longest, len(statement)), statements + 1
            try:
                sqlglot.parse_one(statement, dialect="athena", error_level=sqlglot.ErrorLevel.RAISE)
            except sqlglot.errors.SqlglotError as error:
                problems += 1
                print(f"Athena: {error}")
    print(f"Athena: {statements} statements read by sqlglot {sqlglot.__version__}, {problems} of them wrong; the longest has {longest} characters of {MOST_CHARACTERS}")
    return problems + (longest > MOST_CHARACTERS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=Path, help="the folder with lambdasweep and lambdasweep-mock")
    parser.add_argument("--seeds", type=int, default=5, help="how many damaged datasets DuckDB answers")
    parser.add_argument("--spark-seeds", type=int, default=1, help="how many of these Spark answers as well")
    parser.add_argument("--spark-whole", action="store_true", help="Spark also answers the statement for all checks at once")
    arguments = parser.parse_args()
    programs, comparison = arguments.programs, Comparison()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        scanned = folder / "scanned"
        scan(programs, scanned)
        comparison.expect(f"read_parquet('{scanned}/findings/scan_id=scan-1/*.parquet', hive_partitioning = false)")
        duckdb_answers(comparison, "scan", programs, scanned)
        spark = Spark(folder) if arguments.spark_seeds >= 0 else None
        if spark:
            spark.answers(comparison, "scan", programs, scanned, False)
            if arguments.spark_whole:
                spark.answers(comparison, "scan", programs, scanned, True)
        for seed in range(arguments.seeds):
            damaged, lines = folder / f"damaged-{seed}", folder / f"damaged-{seed}.jsonl"
            Damage(seed).copy(scanned, damaged)
            judge(programs, damaged, lines)
            columns = ", ".join(f"{column}: 'VARCHAR'" for column in COLUMNS)
            comparison.expect(f"read_json('{lines}', format = 'newline_delimited', columns = {{{columns}}})")
            options = ("--checks-dir", str(CHECKS))
            duckdb_answers(comparison, f"damaged {seed}", programs, damaged, *options)
            if spark and seed < arguments.spark_seeds:
                spark.answers(comparison, f"damaged {seed}", programs, damaged, False, *options)
    wrong = athena_parses(programs, "--checks-dir", str(CHECKS))
    not_shown = [name for name, rows in comparison.shown.items() if rows == 0 and arguments.seeds >= parser.get_default("seeds")]
    print(f"compared: {', '.join(f'{rows} of {name}' for name, rows in comparison.shown.items())}")
    if not_shown:
        print(f"no row shows {', '.join(not_shown)}")
    print(f"{comparison.differences} rows differ")
    sys.exit(1 if comparison.differences or wrong or not_shown else 0)


if __name__ == "__main__":
    main()
