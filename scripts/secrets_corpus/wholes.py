"""Values that an alphabet and a length do not describe: keys with structure, checksums, tokens with a payload, passwords as people make them."""

import base64
import hashlib
import json
import zlib

from .draw import DIGITS, LOWER, UPPER, Draw, b64, b64u, crc16
from .words import BIP39, NOUNS, PASSWORD_WORDS, SYLLABLES


# --- keys in DER and PEM (X.690, RFC 8017, RFC 5958, RFC 5915, RFC 5280)


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    length = len(body)
    if length < 128:
        return bytes([tag, length]) + body
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def integer(draw: Draw, bits: int) -> bytes:
    return der(2, b"\0" + bytes([0x80 | draw.getrandbits(7)]) + draw.data(bits // 8 - 1))


RSA_OID = bytes.fromhex("300d06092a864886f70d0101010500")
EC_OID = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
ED25519_OID = bytes.fromhex("300506032b6570")
EXPONENT = bytes.fromhex("0203010001")


def rsa_private(draw: Draw) -> bytes:
    halves = [integer(draw, 1024) for _ in range(5)]
    return der(0x30, bytes.fromhex("020100"), integer(draw, 2048), EXPONENT, integer(draw, 2048), *halves)


def rsa_public(draw: Draw) -> bytes:
    return der(0x30, RSA_OID, der(3, b"\0", der(0x30, integer(draw, 2048), EXPONENT)))


def ec_private(draw: Draw) -> bytes:
    point = der(3, b"\0\x04" + draw.data(64))
    return der(0x30, bytes.fromhex("020101"), der(4, draw.data(32)), der(0xA0, bytes.fromhex("06082a8648ce3d030107")), der(0xA1, point))


def pkcs8(draw: Draw, kind: str) -> bytes:
    oid, inner = {
        "RSA": (RSA_OID, lambda: rsa_private(draw)),
        "EC": (EC_OID, lambda: ec_private(draw)),
        "ED25519": (ED25519_OID, lambda: der(4, draw.data(32))),
    }[kind]
    return der(0x30, bytes.fromhex("020100"), oid, der(4, inner()))


def encrypted_pkcs8(draw: Draw) -> bytes:
    pbes2 = bytes.fromhex("06092a864886f70d01050d")
    return der(0x30, der(0x30, pbes2, der(0x30, der(4, draw.data(8)), der(4, draw.data(16)))), der(4, draw.data(1232)))


def certificate(draw: Draw) -> bytes:
    name = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(12, b"api.example.com"))))
    valid = der(0x30, der(23, b"260101000000Z"), der(23, b"270101000000Z"))
    algorithm = bytes.fromhex("300d06092a864886f70d01010b0500")
    to_sign = der(0x30, der(0xA0, bytes.fromhex("020102")), der(2, draw.data(15)), algorithm, name, valid, name, rsa_public(draw))
    return der(0x30, to_sign, algorithm, der(3, b"\0" + draw.data(256)))


def openssh_private(draw: Draw) -> bytes:
    def text(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    public = text(b"ssh-ed25519") + text(draw.data(32))
    check = draw.data(4)
    inner = check + check + public + text(draw.data(64)) + text(b"deploy@ci") + b"\x01\x02\x03\x04\x05"
    return b"openssh-key-v1\0" + text(b"none") + text(b"none") + text(b"") + (1).to_bytes(4, "big") + text(public) + text(inner)


DERS = {
    "RSA PRIVATE KEY": rsa_private,
    "EC PRIVATE KEY": ec_private,
    "PRIVATE KEY": lambda draw: pkcs8(draw, "RSA"),
    "PRIVATE KEY EC": lambda draw: pkcs8(draw, "EC"),
    "PRIVATE KEY ED25519": lambda draw: pkcs8(draw, "ED25519"),
    "ENCRYPTED PRIVATE KEY": encrypted_pkcs8,
    "DSA PRIVATE KEY": lambda draw: der(0x30, bytes.fromhex("020100"), *(integer(draw, bits) for bits in (1024, 160, 1024, 1024, 160))),
    "OPENSSH PRIVATE KEY": openssh_private,
    "PUBLIC KEY": rsa_public,
    "RSA PUBLIC KEY": lambda draw: der(0x30, integer(draw, 2048), EXPONENT),
    "PUBLIC KEY EC": lambda draw: der(0x30, EC_OID, der(3, b"\0\x04" + draw.data(64))),
    "CERTIFICATE": certificate,
    "CERTIFICATE REQUEST": certificate,
    "PGP": lambda draw: b"\xc5\xc3\xd8\x04" + draw.data(900),
}


def pem(draw: Draw, kind: str) -> str:
    text = b64(DERS[kind](draw))
    label = kind.removesuffix(" ED25519") if kind.endswith(" ED25519") else kind
    label = "PRIVATE KEY" if kind == "PRIVATE KEY EC" else "PUBLIC KEY" if kind == "PUBLIC KEY EC" else label
    label = {"PGP": "PGP PRIVATE KEY BLOCK"}.get(label, label)
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    head = "\n" if kind == "PGP" else ""
    return f"-----BEGIN {label}-----\n{head}{lines}\n-----END {label}-----"


def ssh_public(draw: Draw, kind: str) -> str:
    def text(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    if kind == "ed25519":
        return "ssh-ed25519 " + b64(text(b"ssh-ed25519") + text(draw.data(32)))
    if kind == "ecdsa":
        return "ecdsa-sha2-nistp256 " + b64(text(b"ecdsa-sha2-nistp256") + text(b"nistp256") + text(b"\x04" + draw.data(64)))
    return "ssh-rsa " + b64(text(b"ssh-rsa") + text(b"\1\0\1") + text(b"\0" + bytes([0x80 | draw.getrandbits(7)]) + draw.data(255)))


# --- tokens with a payload or a checksum


def compact(value) -> str:
    return json.dumps(value, separators=(",", ":"))


def jwt(draw: Draw, arguments: str) -> str:
    """`<jwt:{"role":"anon"},HS256>`: the claims beside `iat` and `exp`, and the algorithm."""
    claims, _, algorithm = arguments.rpartition(";") if ";" in arguments else (arguments, "", "HS256")
    issued = draw.randint(1_700_000_000, 1_790_000_000)
    body = {**json.loads(claims or '{"sub":"1234567890"}'), "iat": issued, "exp": issued + 315_360_000}
    signature = draw.data(32 if algorithm.startswith("HS") else 64 if algorithm.startswith("ES") else 256)
    return ".".join([b64u(compact({"alg": algorithm, "typ": "JWT"}).encode()), b64u(compact(body).encode()), b64u(signature)])


BASE62 = DIGITS + UPPER + LOWER


def crc62(draw: Draw, arguments: str) -> str:
    """30 letters and digits and their CRC-32 in six digits of base 62: "Behind GitHub's new authentication token formats", github.blog."""
    body = draw.chars("62", arguments or "30")
    number, text = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        text = BASE62[digit] + text
    return body + text.rjust(6, "0")


def base58check(payload: bytes) -> str:
    """Bitcoin's Base58Check."""
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32(draw: Draw, prefix: str) -> str:
    """32 random bytes in BIP 173's Bech32."""
    number = int.from_bytes(draw.data(32), "big") << 4
    values = [number >> (5 * at) & 31 for at in range(51, -1, -1)]
    checked = [ord(it) >> 5 for it in prefix] + [0] + [ord(it) & 31 for it in prefix] + values + [0] * 6
    state = 1
    for value in checked:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            state ^= generator if top >> bit & 1 else 0
    state ^= 1
    return prefix + "1" + "".join(BECH32[it] for it in values + [state >> 5 * (5 - at) & 31 for at in range(6)])


def stellar(draw: Draw, _: str) -> str:
    payload = bytes([18 << 3]) + draw.data(32)
    return base64.b32encode(payload + crc16(payload)).decode()


def mnemonic(draw: Draw, count: str) -> str:
    """Words whose checksum is right, as BIP 39 has it."""
    words = int(count)
    while True:
        chosen = draw.choices(BIP39, k=words)
        bits = "".join(f"{index:011b}" for _, index in chosen)
        check = words // 3
        entropy = int(bits[:-check], 2).to_bytes(words * 4 // 3, "big")
        if f"{hashlib.sha256(entropy).digest()[0]:08b}"[:check] == bits[-check:]:
            return " ".join(word for word, _ in chosen)


def jwk(draw: Draw, kind: str) -> str:
    """RFC 7517 and RFC 7518: `oct`, `EC`, `OKP` and `RSA` private, `public` without the private part."""
    part = lambda count: b64u(draw.data(count))  # noqa: E731
    keys = {
        "oct": {"kty": "oct", "kid": draw.chars("u64", 12), "k": part(32), "alg": "HS256"},
        "EC": {"kty": "EC", "crv": "P-256", "x": part(32), "y": part(32), "d": part(32)},
        "OKP": {"kty": "OKP", "crv": "Ed25519", "x": part(32), "d": part(32), "use": "sig"},
        "RSA": {"kty": "RSA", "n": part(256), "e": "AQAB", "d": part(256), "p": part(128), "q": part(128), "dp": part(128), "dq": part(128), "qi": part(128)},
        "public": {"kty": "RSA", "kid": draw.chars("u64", 20), "use": "sig", "alg": "RS256", "n": part(256), "e": "AQAB"},
        "publicEC": {"kty": "EC", "kid": draw.chars("u64", 20), "use": "sig", "alg": "ES256", "crv": "P-256", "x": part(32), "y": part(32)},
    }
    return compact(keys[kind])


def service_account(draw: Draw, _: str) -> str:
    project = f"{draw.choice(NOUNS)}-{draw.randint(100000, 999999)}"
    return compact({
        "type": "service_account",
        "project_id": project,
        "private_key_id": draw.chars("hex", 40),
        "private_key": pem(draw, "PRIVATE KEY") + "\n",
        "client_email": f"app@{project}.iam.gserviceaccount.com",
        "client_id": draw.chars("d", 21),
        "token_uri": "https://oauth2.googleapis.com/token",
    })


def kms_ciphertext(draw: Draw, _: str) -> str:
    """What KMS's Encrypt answers with: a header, the key's material, and a PKCS #7 envelope."""
    envelope = "0000007e307c06092a864886f70d010706a06f306d020100306806092a864886f70d010701301e060960864801650304012e3011040c"
    material = bytes.fromhex("0102020078") + draw.data(32) + b"\1" + draw.data(16)
    return b64(material + bytes.fromhex(envelope) + draw.data(12) + bytes.fromhex("020110803b") + draw.data(59))


def uuid(draw: Draw, _: str = "") -> str:
    text = draw.chars("hex", 32)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{draw.choice('89ab')}{text[17:20]}-{text[20:]}"


def plain(function):
    """A function of bytes, as Base64 without armour."""
    return lambda draw, arguments: b64(function(draw, arguments))


# --- passwords


def password(draw: Draw, symbols: str = "!@#$%^&*-_=+") -> str:
    """As a password manager makes them: 14 to 22 characters of all kinds."""
    need = [draw.choice(LOWER), draw.choice(UPPER), draw.choice(DIGITS), draw.choice(symbols)]
    rest = draw.choices(LOWER + UPPER + DIGITS + symbols, k=draw.randint(10, 18))
    both = need + rest
    draw.shuffle(both)
    return "".join(both)


def alnum_password(draw: Draw, _: str) -> str:
    need = [draw.choice(LOWER), draw.choice(UPPER), draw.choice(DIGITS)]
    both = need + draw.choices(LOWER + UPPER + DIGITS, k=draw.randint(11, 25))
    draw.shuffle(both)
    return "".join(both)


def human_password(draw: Draw, _: str) -> str:
    """As people make them: words, a number, a mark."""
    first, second = draw.choice(PASSWORD_WORDS), draw.choice(PASSWORD_WORDS)
    number = draw.choice([str(draw.randint(10, 99)), str(draw.randint(2015, 2026)), "123", "1"])
    marked = [f"{first.title()}{second.title()}{number}!", f"{first.title()}{number}!", f"{first.title()}@{number}"]
    return draw.choice([*marked, f"{first}_{second}{number}", f"{first}-{second}-{number}#"])


def leet_password(draw: Draw, _: str) -> str:
    word = draw.choice(PASSWORD_WORDS).replace("a", "4").replace("e", "3").replace("o", "0").replace("s", "$")
    return f"{word.title()}{draw.randint(10, 9999)}"


WHOLES = {
    "pem": pem,
    "der": plain(lambda draw, kind: DERS[kind](draw)),
    "p12": plain(lambda draw, _: der(0x30, bytes.fromhex("020103"), der(0x30, bytes.fromhex("06092a864886f70d010701"), der(0xA0, der(4, draw.data(1500)))))),
    "jks": plain(lambda draw, _: bytes.fromhex("feedfeed00000002") + (1).to_bytes(4, "big") + draw.data(1200)),
    "sshpub": ssh_public,
    "bytes": lambda draw, count: b64(draw.data(int(count))),
    "ubytes": lambda draw, count: b64u(draw.data(int(count))),
    "slashbytes": lambda draw, count: b64(bytes([0xFC | draw.getrandbits(2)]) + draw.data(int(count) - 1)),
    "jwt": jwt,
    "crc62": crc62,
    "wif": lambda draw, _: base58check(b"\x80" + draw.data(32) + b"\x01"),
    "xprv": lambda draw, _: base58check(bytes.fromhex("0488ade4") + bytes(9) + draw.data(32) + b"\0" + draw.data(32)),
    "solana": lambda draw, _: draw.chars("58", "87-88"),
    "solanaarray": lambda draw, _: compact(list(draw.data(64))),
    "bech32": bech32,
    "BECH32": lambda draw, prefix: bech32(draw, prefix.lower()).upper(),
    "stellar": stellar,
    "mnemonic": mnemonic,
    "jwk": jwk,
    "gcpsa": service_account,
    "kms": kms_ciphertext,
    "uuid": uuid,
    "UUID": lambda draw, _: uuid(draw).upper(),
    "pw": lambda draw, symbols: password(draw, symbols or "!@#$%^&*-_=+"),
    "pwurl": lambda draw, _: password(draw, "!*-_.~$"),
    "pwa": alnum_password,
    "pwh": human_password,
    "pwl": leet_password,
    "noun": lambda draw, _: draw.choice(NOUNS),
    "Noun": lambda draw, _: draw.choice(NOUNS).title(),
    "NOUN": lambda draw, _: draw.choice(NOUNS).upper(),
    "VENDOR": lambda draw, _: "".join(draw.choices(SYLLABLES, k=draw.randint(2, 3))).upper(),
    "user": lambda draw, _: draw.choice(["app", "admin", "svc_orders", "postgres", "root", "api_user", "appuser", "reporting", "etl", "backend"]),
    "db": lambda draw, _: draw.choice(["app", "orders", "main", "prod", "analytics", "users", "appdb", "inventory"]),
    "host": lambda draw, _: draw.choice([
        f"db.{draw.choice(NOUNS)}.internal",
        f"{draw.choice(NOUNS)}-{draw.choice(['prod', 'dev'])}.cluster-{draw.chars('a36', 12)}.{region(draw)}.rds.amazonaws.com",
        f"10.{draw.randint(0, 255)}.{draw.randint(0, 255)}.{draw.randint(2, 254)}",
        f"{draw.choice(NOUNS)}.example.net",
    ]),
    "region": lambda draw, _: region(draw),
    "account": lambda draw, _: draw.chars("d", 12),
    "stage": lambda draw, _: draw.choice(["dev", "test", "staging", "prod", "production", "qa", "sandbox"]),
    "int": lambda draw, bounds: str(draw.randint(*map(int, bounds.split("-")))),
    "cfn": lambda draw, _: draw.chars("A36", "12-13"),
    "cfnmixed": lambda draw, _: draw.chars("62", 12),
}


def region(draw: Draw) -> str:
    return draw.choice(["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2", "ap-northeast-1"])
