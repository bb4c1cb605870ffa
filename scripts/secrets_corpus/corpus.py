"""The corpus: kinds of secrets under sensible and neutral names, and ordinary variables, drawn from the tables beside this file.

`kinds/*.txt` has a kind a line: `id | names | form | source`; `ordinary/*.txt` has a shape a line: `names | form | draws`. `group:` begins a
group, and `neutral: no` in it says that its kinds are shapes of names: without the name there is nothing to find. Blank lines are skipped.
Forms are explained in `draw.py`.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from .draw import Draw
from .wholes import WHOLES

FOLDER = Path(__file__).resolve().parent
# Names that promise nothing: a finding under one rests on the value alone.
NEUTRAL = """
CONFIG VALUE SETTING_1 DATA PARAM APP_OPTIONS INPUT ARG_2 EXTRA VAR1 SETTINGS CUSTOM FIELD_A OPTION BACKEND ITEM_3 INTEGRATION THING MISC
PAYMENT_PROVIDER SERVICE PARAM_7 UPSTREAM
""".split()
CLIENT_SIDE = "client-side keys"
BEFORE = ["PROD", "STAGING", "MY_APP", "ORDERS", "LEGACY", "DEFAULT", "EU"]
AFTER = ["PROD", "STAGE", "V2", "LAMBDA", "EU", "NEW", "2", "BACKUP"]
# What Lambda lets a variable be called: "Configuring environment variables", Lambda Developer Guide.
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]+\Z|_X_AMZN_\w+\Z")


@dataclass
class Kind:
    id: str
    group: str
    names: list[str]
    form: str
    source: str
    neutral: bool

    def bare(self) -> bool:
        """Whether the value is only digits, hexadecimal or a UUID: without a name nothing tells it from an id or a hash."""
        return re.fullmatch(r"<(d|hex|HEX|uuid|UUID)(:[\d-]+)?>", self.form) is not None


@dataclass
class Variable:
    """One variable with its label: `label` is `named`, `neutral` or `ordinary`; `kind` is the kind's id, or the group of an ordinary one."""

    label: str
    kind: str
    group: str
    name: str
    value: str
    answer: dict | None = field(default=None)


def rows(folder: str, columns: int):
    """Each line's group, whether neutral names make sense, and its columns."""
    for path in sorted((FOLDER / folder).glob("*.txt")):
        group, neutral = path.stem, True
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not line.strip():
                continue
            if line.startswith("group: "):
                group, neutral = line.removeprefix("group: "), True
            elif line.startswith("neutral: "):
                neutral = line.removeprefix("neutral: ") != "no"
            else:
                parts = line.split(" | ")
                if len(parts) != columns:
                    raise ValueError(f"{path.name}, line {number}: {len(parts)} columns instead of {columns}")
                yield group, neutral, parts


def kinds() -> list[Kind]:
    found = [Kind(id, group, names.split(), form, source, neutral) for group, neutral, (id, names, form, source) in rows("kinds", 4)]
    twice = {it.id for it in found if sum(other.id == it.id for other in found) > 1}
    if twice:
        raise ValueError(f"kinds with the same id: {', '.join(sorted(twice))}")
    return found


def decorated(draw: Draw, name: str) -> str:
    """The name as another project has it: with a scope before or behind, or in camel case."""
    turn = draw.randrange(3)
    if not re.fullmatch(r"[A-Z0-9_]+", name):
        return name
    if turn == 0:
        return f"{draw.choice(BEFORE)}_{name}"
    if turn == 1:
        return f"{name}_{draw.choice(AFTER)}"
    first, *rest = name.lower().split("_")
    return first + "".join(it.title() for it in rest)


def checked(name: str) -> str:
    if not NAME.match(name):
        raise ValueError(f"{name} is no name of a variable in Lambda")
    return name


def secrets(seed: int, per_kind: int) -> list[Variable]:
    """Each kind under all of its names, then under changed ones up to `per_kind`, and as often under neutral ones."""
    variables = []
    for kind in kinds():
        draw = Draw(f"{seed}/{kind.id}", WHOLES)
        for turn in range(max(per_kind, len(kind.names))):
            value = draw.fill(kind.form)
            name = draw.fill(kind.names[turn % len(kind.names)])
            name = name if turn < len(kind.names) else decorated(draw, name)
            variables.append(Variable("named", kind.id, kind.group, checked(name), value))
            if kind.neutral:
                variables.append(Variable("neutral", kind.id, kind.group, draw.choice(NEUTRAL), value))
    return variables


def ordinary(seed: int) -> list[Variable]:
    variables = []
    for number, (group, _, (names, form, draws)) in enumerate(rows("ordinary", 3)):
        draw = Draw(f"{seed}/ordinary/{number}", WHOLES)
        for turn, name in enumerate(names.split()):
            draw.turn = turn
            for _ in range(int(draws)):
                variables.append(Variable("ordinary", group, group, checked(draw.fill(name)), draw.fill(form)))
            # Prefixes such as NEXT_PUBLIC_ tell that a key is public; another scope in front of them would not.
            if turn % 3 == number % 3 and group != CLIENT_SIDE:
                variables.append(Variable("ordinary", group, group, checked(decorated(draw, draw.fill(name))), draw.fill(form)))
    # Twice the same variable is one.
    return list({(it.name, it.value): it for it in variables}.values())
