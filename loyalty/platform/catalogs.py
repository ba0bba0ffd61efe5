"""Whether the compiled translations say what their sources say. Written without gettext's tools, which a fresh machine
lacks."""

import ast
import gettext
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class _Entry:
    parts: dict[str, str] = field(default_factory=dict)
    is_fuzzy: bool = False

    @property
    def key(self) -> str:
        context = self.parts.get("msgctxt")
        return self.parts.get("msgid", "") if context is None else f"{context}\x04{self.parts.get('msgid', '')}"

    def translations(self) -> Iterator[tuple[str | tuple[str, int], str]]:
        """The keys and values that a compiled catalog holds for it."""
        if self.is_fuzzy or not self.parts.get("msgid"):
            return
        if "msgid_plural" in self.parts:
            forms = {name: text for name, text in self.parts.items() if name.startswith("msgstr[")}
            if all(forms.values()):
                yield from (((self.key, int(name[7:-1])), text) for name, text in forms.items())
        elif self.parts.get("msgstr"):
            yield self.key, self.parts["msgstr"]


def faults(project: Path) -> list[str]:
    """One line for each catalog under ``locale`` that is not compiled as it is written, or has doubtful entries."""
    found = []
    for source in sorted(project.glob("locale/*/LC_MESSAGES/*.po")):
        entries = list(_read(source.read_text(encoding="utf-8")))
        written = dict(pair for entry in entries for pair in entry.translations())
        name = source.relative_to(project)
        if any(entry.is_fuzzy for entry in entries):
            found.append(f"{name}: fuzzy entries: {[entry.key for entry in entries if entry.is_fuzzy][:3]}")
        if not source.with_suffix(".mo").exists() or _compiled(source.with_suffix(".mo")) != written:
            found.append(f"{name}: the compiled catalog differs; run make messages")
    return found


def _compiled(path: Path) -> dict[str | tuple[str, int], str]:
    with path.open("rb") as file:
        catalog: dict[str | tuple[str, int], str] = vars(gettext.GNUTranslations(file))["_catalog"]
    return {key: text for key, text in catalog.items() if key != ""}


def _read(text: str) -> Iterator[_Entry]:
    """The entries of a .po file, obsolete ones aside."""
    entry, current = _Entry(), ""
    for line in (*text.splitlines(), ""):
        line = line.strip()
        if line.startswith("#,"):
            entry.is_fuzzy = entry.is_fuzzy or "fuzzy" in line
        elif line.startswith("#"):
            continue
        elif not line:
            if entry.parts:
                yield entry
            entry, current = _Entry(), ""
        elif line.startswith('"'):
            entry.parts[current] += ast.literal_eval(line)
        else:
            current, _, literal = line.partition(" ")
            entry.parts[current] = ast.literal_eval(literal)
