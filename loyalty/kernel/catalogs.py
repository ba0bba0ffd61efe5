"""Reading and writing message catalogs (``.po``), as far as gettext writes them, and whether they are compiled. Needs
neither Django nor gettext's tools, which a fresh machine lacks."""

import ast
import gettext
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SEPARATOR = "\x04"
"""Between the context of a message and the message, as compiled catalogs have it."""


@dataclass(slots=True)
class Message:
    """One entry of a catalog; ``texts`` has one translation, or one for each plural form."""

    key: str
    plural: str | None = None
    context: str | None = None
    texts: list[str] = field(default_factory=list)
    is_fuzzy: bool = False
    comments: list[str] = field(default_factory=list)

    @property
    def is_header(self) -> bool:
        return self.key == "" and self.context is None

    @property
    def is_complete(self) -> bool:
        """Whether every form is translated and none is a guess."""
        return bool(self.texts) and all(self.texts) and not self.is_fuzzy

    @property
    def compiled_key(self) -> str:
        """The key under which a compiled catalog knows it."""
        return self.key if self.context is None else f"{self.context}{SEPARATOR}{self.key}"


def read(path: Path) -> list[Message]:
    """The messages of a ``.po`` file in order, the header first; obsolete ones are left out."""
    return [message for block in path.read_text("utf-8").split("\n\n") if (message := _parse(block)) is not None]


def _parse(block: str) -> Message | None:
    message, part, parts = Message(key=""), "", dict[str, str]()
    for line in block.splitlines():
        if line.startswith("#,"):
            message.is_fuzzy = "fuzzy" in line
            message.comments.append(line)
        elif line.startswith("#~"):
            return None
        elif line.startswith("#"):
            message.comments.append(line)
        elif line.startswith('"'):
            parts[part] += ast.literal_eval(line)
        elif line.strip():
            part, _space, text = line.partition(" ")
            parts[part] = ast.literal_eval(text)
    if "msgid" not in parts:
        return None
    message.key, message.plural, message.context = parts["msgid"], parts.get("msgid_plural"), parts.get("msgctxt")
    message.texts = [text for name, text in sorted(parts.items()) if name.startswith("msgstr")]
    return message


def write(path: Path, messages: list[Message]) -> None:
    """Write a ``.po`` file."""
    path.write_text("\n".join("\n".join(_lines(message)) + "\n" for message in messages), "utf-8")


def _lines(message: Message) -> Iterator[str]:
    yield from message.comments
    if message.context is not None:
        yield f"msgctxt {_quoted(message.context)}"
    yield f"msgid {_quoted(message.key)}"
    if message.plural is None:
        yield f"msgstr {_quoted(message.texts[0])}"
        return
    yield f"msgid_plural {_quoted(message.plural)}"
    for number, text in enumerate(message.texts):
        yield f"msgstr[{number}] {_quoted(text)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    lines = escaped.split("\n")
    if len(lines) == 1:
        return f'"{escaped}"'
    ended = [f"{line}\\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return "\n".join(['""', *(f'"{line}"' for line in ended)])


def compiled(path: Path) -> dict[str | tuple[str, int], str]:
    """What a ``.mo`` file holds: plural forms under (key, number). An absent file holds nothing."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]


def is_compiled(source: Path) -> bool:
    """Whether the ``.mo`` beside a ``.po`` says the same."""
    held = compiled(source.with_suffix(".mo"))
    held.pop("", None)
    wanted: dict[str | tuple[str, int], str] = {}
    for message in read(source):
        if message.is_header or not message.is_complete:
            continue
        if message.plural is None:
            wanted[message.compiled_key] = message.texts[0]
        else:
            wanted.update({(message.compiled_key, number): text for number, text in enumerate(message.texts)})
    return held == wanted


def faults(project: Path) -> list[str]:
    """One line for each catalog under ``locale`` that is not compiled as it is written, or has doubtful entries."""
    found = []
    for source in sorted(project.glob("locale/*/LC_MESSAGES/*.po")):
        name = source.relative_to(project)
        fuzzy = [message.compiled_key for message in read(source) if message.is_fuzzy]
        if fuzzy:
            found.append(f"{name}: fuzzy entries: {fuzzy[:3]}")
        if not is_compiled(source):
            found.append(f"{name}: the compiled catalog differs; run make messages")
    return found
