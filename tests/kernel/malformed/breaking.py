"""Well-formed requests broken at random, in every way that a client, a line or a rogue breaks them."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

JSON = "application/json"
# Numbers that other readers take for something else, and texts that are no texts.
DIGITS = (
    "1_000", "１２３", " 5 ", "5.0", "1e400", "-0", "+1", "0x10", "1,5", "٣", "Infinity", "--1", "", "1e-9", "9" * 400,
)  # fmt: skip
TEXTS = (
    "\x00", "a\x00b", "\u202eabc", "﷽" * 40, "=HYPERLINK(1)", "'; DROP TABLE members_member; --", "x" * 70_000, "{{7*7}}",
    "../../etc/passwd", "%00", "\r\nSet-Cookie: a=b", "<script>alert(1)</script>", "ﬁ", "\U0001f9ff",
)  # fmt: skip
WRONG = (None, True, False, [], {}, [[]], {"a": {}}, "", 0, -1, 1.5, 10**30, -(10**30), "null", [None], {"": ""})
HUGE = (10**18, 10**30, -(2**63), 2**63, 2**31, 2**64)
ADDRESSES = (
    "%00", "%ff%fe", "card:", ":", "card:%00", "nobody:1", "card:" + "9" * 5000, "id:x", "..", "%2e%2e%2f", "%F0%9F%A7%BF",
    "member:%E2%80%AE", "email:@", "phone:+", "0" * 300, "id:00000000-0000-0000-0000-000000000000",
)  # fmt: skip
QUERIES = (
    "cursor=x", "cursor=%00", "limit=-1", "limit=1e9", "limit=999999999999", "page_size=1000000000", "first=0000-00-00",
    "last=9999-99-99", "first=2026-01-01&last=2025-01-01", "ordering=member__user__password", "member__number__startswith=M",
    "type=%00", "cursor=" + "A" * 9000, "format=api", "as_of=99999-01-01", "limit=1&limit=2", "kind=%FF", "currency=%00",
)  # fmt: skip
HEADERS: tuple[Mapping[str, str], ...] = (
    {"HTTP_ACCEPT": "application/xml"}, {"HTTP_ACCEPT": ";;;"}, {"HTTP_ACCEPT_LANGUAGE": "\xff;q=9,,"},
    {"HTTP_ACCEPT_LANGUAGE": "x" * 9000}, {"HTTP_AUTHORIZATION": "Bearer"}, {"HTTP_AUTHORIZATION": "Bearer \xff\xfe"},
    {"HTTP_AUTHORIZATION": "Bearer a b c"}, {"HTTP_AUTHORIZATION": "Basic eDp5"}, {"HTTP_AUTHORIZATION": ""},
    {"HTTP_IDEMPOTENCY_KEY": "k" * 201}, {"HTTP_IDEMPOTENCY_KEY": ""}, {"HTTP_IDEMPOTENCY_KEY": "\xff\xfe"},
    {"HTTP_IDEMPOTENCY_KEY": "a\x00b"}, {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"}, {"HTTP_X_FORWARDED_FOR": "'"},
    {"CONTENT_LENGTH": "1"}, {"CONTENT_LENGTH": "-1"}, {"CONTENT_LENGTH": "x"}, {"HTTP_CONTENT_ENCODING": "gzip"},
    {"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "a b"}, {"HTTP_TRANSFER_ENCODING": "chunked"}, {"HTTP_COOKIE": "\x00=\xff"},
)  # fmt: skip
TYPES = (
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=",
    "application/json; charset=utf-16", "application/json; charset=nothing", "", "x", "application/xml", "text/csv",
    "application/json; charset=\xff", "application/gzip",
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the line."""

    method: str
    address: str
    content: Any
    body: bytes | None = None
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        """The body: as it was broken, else the content as JSON."""
        if self.body is not None or isinstance(self.content, str):
            return self.body if self.body is not None else self.content.encode()
        return b"" if self.content is None else json.dumps(self.content).encode("utf-8", "surrogatepass")


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value inside a JSON value."""
    found = [path] if path else []
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        found += places_in(child, (*path, key))
    return found


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another one at a place; with ``...`` without the place."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    if new is ... and len(path) == 1:
        del copy[path[0]]
    else:
        copy[path[0]] = put(copy[path[0]], path[1:], new)
    return copy


def _at_random(sent: Sent, dice: random.Random, new: Any) -> Sent:
    places = places_in(sent.content)
    return replace(sent, content=put(sent.content, dice.choice(places), new) if places else new)


def _deep(sent: Sent, dice: random.Random) -> Sent:
    depth = dice.choice((13, 40, 900, 60_000))
    sign = dice.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return replace(sent, body=sign[0] * depth + b"1" + sign[1] * dice.choice((depth, 0)))


def _large(sent: Sent, dice: random.Random) -> Sent:
    return replace(sent, body=b'{"till": "' + b"x" * dice.choice((1_048_570, 1_048_577, 1_500_000)) + b'"}')


def _twice(sent: Sent, dice: random.Random) -> Sent:
    text = sent.bytes().decode("utf-8", "replace")
    key = dice.choice(list(sent.content)) if isinstance(sent.content, dict) and sent.content else "till"
    return replace(
        sent, body=(f'{{"{key}": 1, {text[1:]}' if len(text) > 2 else f'{{"{key}": 1, "{key}": 2}}').encode()
    )


def _constant(sent: Sent, dice: random.Random) -> Sent:
    marked = json.dumps(_at_random(sent, dice, "@@").content).encode()
    word = dice.choice(
        (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"01", b"1.", b".5", b"0x1", b"9" * 5000, b"undefined", b"'a'")
    )
    return replace(sent, body=marked.replace(b'"@@"', word))


def _encoded(sent: Sent, dice: random.Random) -> Sent:
    body = sent.bytes()
    place = dice.randrange(len(body) + 1)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: (
            body[:place]
            + dice.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\x00", b"\xf5\x90\x90\x90"))
            + body[place:]
        ),
        lambda: body.decode("utf-8", "replace").encode("utf-16"),
        lambda: body.decode("utf-8", "replace").encode("utf-32"),
        lambda: b"\xef\xbb\xbf" + body,
        lambda: b'{"\\ud800": "\\udfff", "till": "\\u0000"}',
    )
    return replace(sent, body=dice.choice(ways)())


def _cut(sent: Sent, dice: random.Random) -> Sent:
    body = sent.bytes()
    ways = (body[: dice.randrange(len(body) + 1)], body + b"}", body + body, b"", b"null", b'"x"', b"[]", b"{}", b"5")
    return replace(sent, body=dice.choice(ways))


def _unknown(sent: Sent, dice: random.Random) -> Sent:
    name = dice.choice(
        ("program", "program_id", "balance", "is_staff", "approved_by", "__class__", "id", "pk", "", "\x00")
    )
    places = [path for path in [(), *places_in(sent.content)] if isinstance(_get(sent.content, path), dict)]
    path = dice.choice(places or [()])
    inside = _get(sent.content, path)
    return replace(sent, content=put(sent.content, path, {**(inside if isinstance(inside, dict) else {}), name: 1}))


def _get(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _address(sent: Sent, dice: random.Random) -> Sent:
    parts = sent.address.split("/")
    parts[dice.randrange(4, len(parts)) if len(parts) > 4 else -1] = dice.choice(ADDRESSES)
    return replace(sent, address="/".join(parts))


# What may be wrong with any request, and what only with one that brings a body.
OF_ALL: tuple[Callable[[Sent, random.Random], Sent], ...] = (
    _address,
    lambda sent, dice: replace(sent, headers={**sent.headers, **dice.choice(HEADERS)}),
    lambda sent, dice: replace(sent, address=f"{sent.address}{'&' if '?' in sent.address else '?'}{dice.choice(QUERIES)}"),
    lambda sent, dice: replace(sent, method=dice.choice(("TRACE", "DELETE", "OPTIONS", "PUT", "BREW", "HEAD"))),
)  # fmt: skip
OF_BODIES: tuple[Callable[[Sent, random.Random], Sent], ...] = (
    _twice, _constant, _encoded, _cut, _unknown,
    lambda sent, dice: _at_random(sent, dice, dice.choice(DIGITS)),
    lambda sent, dice: _at_random(sent, dice, dice.choice(TEXTS)),
    lambda sent, dice: _at_random(sent, dice, dice.choice(WRONG)),
    lambda sent, dice: _at_random(sent, dice, dice.choice(HUGE)),
    lambda sent, dice: _at_random(sent, dice, ...) if places_in(sent.content) else sent,
    lambda sent, dice: replace(sent, content_type=dice.choice(TYPES)),
)  # fmt: skip
# Large bodies are few: each is judged for milliseconds.
RARE = (_deep, _large)


def broken(sent: Sent, dice: random.Random) -> Sent:
    """The request broken in one way, sometimes in two."""
    usual = OF_ALL if sent.content is None else OF_BODIES * 3 + OF_ALL
    for _time in range(dice.choice((1, 1, 2))):
        way = dice.choice(RARE if sent.content is not None and dice.random() < 0.03 else usual)
        sent = way(sent, dice)
    return sent
