"""Whether compiled translations are what their sources say."""

import shutil
import subprocess
from pathlib import Path

import pytest

from loyalty.kernel import catalogs

pytestmark = [
    pytest.mark.pure,
    pytest.mark.skipif(shutil.which("msgfmt") is None, reason="no gettext: sudo apt-get install -y gettext"),
]

SOURCE = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 ? 1 : 2);\n"

#: members/desk.py:7
msgid "Points"
msgstr "Punkty"

#, python-format
msgctxt "verb"
msgid "Order %s"
msgstr ""
"Zamów "
"\"%s\""

msgid "%d point"
msgid_plural "%d points"
msgstr[0] "%d punkt"
msgstr[1] "%d punkty"
msgstr[2] "%d punktów"

msgid "Not yet translated"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Nie ma"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "locale" / "pl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    path = folder / "django.po"
    path.write_text(SOURCE)
    compile_catalog(path)
    return path


def compile_catalog(path: Path) -> None:
    subprocess.run(["msgfmt", str(path), "-o", str(path.with_suffix(".mo"))], check=True)


def test_accepts_what_msgfmt_made(source: Path, tmp_path: Path) -> None:
    assert catalogs.faults(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [("Punkty", "Punkciki"), ("punktów", "punktow"), ('"Zamów "', '"Zleć "'), ("Not yet", "Still not")],
)
def test_names_a_source_that_changed_after_compiling(source: Path, tmp_path: Path, before: str, after: str) -> None:
    source.write_text(SOURCE.replace(before, after))
    # An untranslated text is not in the compiled catalog, so its change is none.
    expected = (
        []
        if before == "Not yet"
        else ["locale/pl/LC_MESSAGES/django.po: the compiled catalog differs; run make messages"]
    )

    assert catalogs.faults(tmp_path) == expected


def test_names_a_catalog_that_was_never_compiled(source: Path, tmp_path: Path) -> None:
    source.with_suffix(".mo").unlink()

    assert len(catalogs.faults(tmp_path)) == 1


def test_names_fuzzy_entries(source: Path, tmp_path: Path) -> None:
    source.write_text(SOURCE.replace("#: members/desk.py:7", "#, fuzzy"))
    compile_catalog(source)

    assert catalogs.faults(tmp_path) == ["locale/pl/LC_MESSAGES/django.po: fuzzy entries: ['Points']"]
