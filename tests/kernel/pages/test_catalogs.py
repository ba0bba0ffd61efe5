"""Message catalogs: read as gettext wrote them, written so that gettext reads them, compared with what is compiled."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

from loyalty.kernel import catalogs

SOURCE = r"""msgid ""
msgstr ""
"Language: pl\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgid "Save \"it\""
msgstr "Zapisz „to”"

#, python-format
msgid "%(count)s point"
msgid_plural "%(count)s points"
msgstr[0] "%(count)s punkt"
msgstr[1] "%(count)s punkty"
msgstr[2] "%(count)s punktów"

msgctxt "a fraction"
msgid "points"
msgstr "punktu"

#, fuzzy
msgid "a guess"
msgstr "zgadywanie"

msgid "nothing yet"
msgstr ""

#~ msgid "gone"
#~ msgstr "nie ma"
"""
pytestmark = pytest.mark.pure


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "django.po"
    path.write_text(SOURCE, "utf-8")
    return path


def test_reads_what_is_complete_and_what_is_not(source):
    messages = {message.key: message for message in catalogs.read(source)}

    assert messages['Save "it"'].texts == ["Zapisz „to”"]
    assert messages["%(count)s point"].texts == ["%(count)s punkt", "%(count)s punkty", "%(count)s punktów"]
    assert messages["points"].compiled_key == "a fraction\x04points"
    assert [key for key, message in messages.items() if key and not message.is_complete] == ["a guess", "nothing yet"]
    assert "gone" not in messages


def test_writes_what_it_reads(source):
    before = catalogs.read(source)
    catalogs.write(source, before)

    assert catalogs.read(source) == before


@pytest.mark.skipif(which("msgfmt") is None, reason="gettext is not installed")
def test_knows_whether_it_is_compiled(source):
    assert not catalogs.is_compiled(source)
    subprocess.run(["msgfmt", "-o", str(source.with_suffix(".mo")), str(source)], check=True)
    assert catalogs.is_compiled(source)

    source.write_text(SOURCE.replace("Zapisz „to”", "Zapisz"), "utf-8")

    assert not catalogs.is_compiled(source)
