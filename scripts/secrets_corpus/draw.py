"""Draws values from written-out forms: `sk_live_<62:24>` is a prefix and 24 letters and digits.

A form is text with draws in angle brackets. `<NAME:N>` draws N characters of an alphabet (`<hex:32>`, `<62:20-24>`), `<NAME>` or
`<NAME:ARGUMENTS>` calls one of the functions of `wholes`, `<one:a,b>` picks
(a literal comma is `\\,`), `<each:a,b>` takes the one that stands where the variable's name stands among the names of its line, `<b64[...]>` and the like wrap what stands between the square
brackets, and `\\n` is a line break. A literal bracket is written `<lt>` or `<gt>`.
"""

import base64
import binascii
import json
import random
import re
import urllib.parse

LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
DIGITS = "0123456789"
ALPHABETS = {
    "hex": DIGITS + "abcdef",
    "HEX": DIGITS + "ABCDEF",
    "d": DIGITS,
    "az": LOWER,
    "AZ": UPPER,
    "aZ": LOWER + UPPER,
    "a36": DIGITS + LOWER,
    "A36": DIGITS + UPPER,
    "62": DIGITS + LOWER + UPPER,
    "64": DIGITS + LOWER + UPPER + "+/",
    "u64": DIGITS + LOWER + UPPER + "-_",
    "w": DIGITS + LOWER + UPPER + "_",
    "b32": UPPER + "234567",
    "58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "az09dash": DIGITS + LOWER + "-",
}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# What a form may wrap, by the name in front of its square bracket.
WRAPS = {
    "b64": lambda text: b64(text.encode()),
    "b64u": lambda text: b64u(text.encode()),
    "hexed": lambda text: text.encode().hex(),
    "url": lambda text: urllib.parse.quote(text, safe=""),
    "json": lambda text: json.dumps(text)[1:-1],
    "oneline": lambda text: text.replace("\n", "\\n"),
    "reversed": lambda text: text[::-1],
}


class Draw(random.Random):
    """A seeded source of values. `wholes` are the functions that a form may call, each `function(draw, arguments) -> text`."""

    def __init__(self, seed: str, wholes: dict):
        super().__init__(seed)
        self.wholes = wholes
        # Which name of its line the variable has that is drawn.
        self.turn = 0

    def chars(self, alphabet: str, count: str | int) -> str:
        low, _, high = str(count).partition("-")
        count = self.randint(int(low), int(high or low))
        return "".join(self.choices(ALPHABETS[alphabet], k=count))

    def fill(self, form: str) -> str:
        """The form with every draw made; wraps are filled from within."""
        text, at = [], 0
        form = form.replace("\\n", "\n")
        while at < len(form):
            wrap = re.compile(r"<(\w+)\[").match(form, at)
            if wrap:
                end = closing(form, wrap.end())
                text.append(WRAPS[wrap.group(1)](self.fill(form[wrap.end() : end])))
                at = end + len("]>")
                continue
            draw = re.compile(r"<(\w+)(?::((?:[^<>]|<[lg]t>)*))?>").match(form, at)
            if draw:
                text.append(self.one(draw.group(1), draw.group(2) or ""))
                at = draw.end()
                continue
            text.append(form[at])
            at += 1
        return "".join(text)

    def one(self, name: str, arguments: str) -> str:
        if name in ALPHABETS:
            return self.chars(name, arguments or 1)
        if name == "one":
            return self.choice(alternatives(arguments))
        if name == "each":
            return alternatives(arguments)[self.turn]
        if name == "lt":
            return "<"
        if name == "gt":
            return ">"
        if name not in self.wholes:
            raise KeyError(f"no draw is called {name}")
        return self.wholes[name](self, arguments)

    def data(self, count: int) -> bytes:
        return self.randbytes(count)


def alternatives(arguments: str) -> list[str]:
    texts = re.split(r"(?<!\\),", arguments)
    return [it.replace("\\,", ",").replace("<lt>", "<").replace("<gt>", ">") for it in texts]


def closing(form: str, start: int) -> int:
    """Where the wrap that begins at `start` ends: at the `]>` of its own depth."""
    depth, at = 1, start
    while depth:
        opens, closes = re.compile(r"<\w+\[").search(form, at), form.find("]>", at)
        if closes < 0:
            raise ValueError(f"a wrap is not closed in {form}")
        if opens and opens.start() < closes:
            depth, at = depth + 1, opens.end()
        else:
            depth, at = depth - 1, closes + 2
    return at - 2


def crc16(data: bytes) -> bytes:
    return binascii.crc_hqx(data, 0).to_bytes(2, "little")
