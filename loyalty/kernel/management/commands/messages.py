"""Collect the texts to translate, fill in what Django says already, compile, and say what is missing.

``--check`` writes nothing and fails while a text is missing, a guess, or not compiled.
"""

import shutil
import subprocess
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.management.commands import makemessages

from loyalty.kernel import catalogs
from loyalty.kernel.catalogs import Message

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
IGNORED = [".*", "var", "tests", "static_collected", "node_modules", "docs"]
# The theme of the staff site ships no translations; its texts are ours to translate.
THEME = "unfold"
THEME_IGNORED = (
    "static", "import_export", "guardian", "simple_history", "modeltranslation", "location_field", "constance",
    "inlines", "forms", "unfold_crispy", "__pycache__", "*.pyc",
)  # fmt: skip
Key = tuple[str | None, str]


class Collect(makemessages.Command):
    """Django's collector, over our sources and the theme's."""

    theme: Path
    # A guess from a similar text is more often wrong than right, and a wrong text is worse than an English one.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def find_files(self, root: str) -> list[makemessages.TranslatableFile]:
        ours = super().find_files(root)
        theirs = [
            makemessages.TranslatableFile(str(path.parent), path.name, self.default_locale_path)
            for path in sorted(self.theme.rglob("*"))
            if path.suffix in {".py", ".html"}
        ]
        return [*ours, *theirs]


class Compare(Collect):
    """Collects and only looks which texts a catalog lacks or has too many of."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.differences: list[str] = []

    def write_po_file(self, potfile: str, locale: str) -> None:
        wanted = {(message.context, message.key) for message in catalogs.read(Path(potfile))}
        held = {(message.context, message.key) for message in catalogs.read(source_of(locale))}
        self.differences += [f"{locale}: not collected: {key}" for _context, key in sorted(wanted - held, key=str)]
        self.differences += [f"{locale}: no longer used: {key}" for _context, key in sorted(held - wanted, key=str)]


def source_of(language: str) -> Path:
    """Our catalog of a language."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


class Command(BaseCommand):
    """``manage.py messages [--check]``"""

    help = "Collect the texts to translate, compile the translations, and say what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail if something is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        faults: list[str] = []
        if options["check"]:
            faults += self._differences()
            faults += [f"{code}: not compiled" for code in LANGUAGES if not catalogs.is_compiled(source_of(code))]
        else:
            self._collect()
        for code in LANGUAGES:
            faults += [f"{code}: {fault}" for fault in missing(catalogs.read(source_of(code)))]
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} texts are missing, uncertain or not compiled; see above.")
        self.stdout.write("Every text is translated.")

    def _collect(self) -> None:
        if shutil.which("xgettext") is None:
            raise CommandError("Install gettext first: apt-get install -y gettext")
        for code in LANGUAGES:
            source_of(code).parent.mkdir(parents=True, exist_ok=True)
        with theme_sources() as theme:
            run_collector(Collect(), theme)
        for code in LANGUAGES:
            source = source_of(code)
            header, *messages = catalogs.read(source)
            fill_in(messages, code)
            catalogs.write(source, [plain_header(header, code), *sorted(messages, key=lambda each: each.key)])
        for code in LANGUAGES:
            compile_catalog(source_of(code))

    def _differences(self) -> list[str]:
        if shutil.which("xgettext") is None:
            self.stderr.write("gettext is not installed: new texts in the sources are not looked for.")
            return []
        collector = Compare()
        with theme_sources() as theme:
            run_collector(collector, theme)
        return collector.differences


@contextmanager
def theme_sources() -> Iterator[Path]:
    """A copy of the theme's sources: the collector writes beside what it reads."""
    with as_file(files(THEME)) as package, tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / THEME
        shutil.copytree(package, copy, ignore=shutil.ignore_patterns(*THEME_IGNORED))
        yield copy


def run_collector(collector: Collect, theme: Path) -> None:
    """Run Django's ``makemessages`` without places and dates, so that only texts make a difference."""
    collector.theme = theme
    call_command(
        collector,
        locale=LANGUAGES,
        ignore_patterns=IGNORED,
        no_location=True,
        no_obsolete=True,
        no_wrap=True,
        verbosity=0,
    )


def plain_header(header: Message, language: str) -> Message:
    """The header without names, dates and places: a run without new texts changes nothing."""
    plural = next(line for line in header.texts[0].splitlines() if line.startswith("Plural-Forms:"))
    lines = [f"Language: {language}", "MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8"]
    text = "\n".join([*lines, "Content-Transfer-Encoding: 8bit", plural, ""])
    return Message(key="", texts=[text])


def compile_catalog(source: Path) -> None:
    """Make the ``.mo``; a translation whose places do not fit the text is refused."""
    target = source.with_suffix(".mo")
    done = subprocess.run(
        ["msgfmt", "--check-format", "-o", str(target), str(source)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CommandError(done.stderr)


def missing(messages: list[Message]) -> list[str]:
    """What a catalog still lacks."""
    incomplete = [message for message in messages if not message.is_header and not message.is_complete]
    return [f"{'uncertain' if message.is_fuzzy else 'missing'}: {message.key}" for message in incomplete]


def fill_in(messages: list[Message], language: str) -> None:
    """Take over what installed packages translate already, drop the guesses of the merger."""
    known: dict[Key, Message] = {}
    for path in _catalogs_of_packages(language):
        for message in catalogs.read(path):
            if message.is_complete:
                known.setdefault((message.context, message.key), message)
    for message in messages:
        if message.is_fuzzy and not message.is_header:
            message.is_fuzzy = False
            message.comments = [line for line in message.comments if not line.startswith(("#, fuzzy", "#|"))]
            message.texts = [""] * len(message.texts)
        found = known.get((message.context, message.key))
        fits = found is not None and len(found.texts) == len(message.texts)
        if found is not None and fits and not message.is_header and not any(message.texts):
            message.texts = list(found.texts)


def _catalogs_of_packages(language: str) -> Iterator[Path]:
    django = Path(makemessages.__file__).parents[3]
    folders = [django / "conf" / "locale", *(Path(config.path) / "locale" for config in apps.get_app_configs())]
    for folder in folders:
        path = folder / language / "LC_MESSAGES" / "django.po"
        if path.exists():
            yield path
