"""What is installed: pinned with hashes, from the registry alone, and not older than what mended a hole that we know of."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

PROJECT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt", "requirements-bench.txt")
# The first release without the hole. A list kept by hand of what touched a project like this one: no scan of what is new.
# docs/security.md says how a scan is made where there is a network.
MENDED = {
    "celery": ("5.2.2", "CVE-2021-23727"),
    "certifi": ("2024.7.4", "CVE-2024-39689"),
    "cryptography": ("44.0.1", "CVE-2024-12797"),
    "django": ("5.2.8", "CVE-2025-64459"),
    "djangorestframework": ("3.15.2", "CVE-2024-21520"),
    "fonttools": ("4.60.2", "CVE-2025-66034"),
    "idna": ("3.7", "CVE-2024-3651"),
    "pillow": ("11.3.0", "CVE-2025-48379"),
    "pypdf": ("6.0.0", "CVE-2025-55197"),
    "requests": ("2.32.4", "CVE-2024-47081"),
    "sqlparse": ("0.5.0", "CVE-2024-4340"),
    "urllib3": ("2.5.0", "CVE-2025-50181"),
    "weasyprint": ("68.0", "CVE-2025-68616"),
    "werkzeug": ("3.0.6", "CVE-2024-49767"),
}


def blocks(lock: str) -> Iterator[str]:
    """The entries of a lock, each with its hashes."""
    text = (PROJECT / lock).read_text().replace("\\\n", " ")
    return (line for line in text.splitlines() if line.strip() and not line.startswith("#"))


@pytest.mark.pure
@pytest.mark.parametrize("lock", LOCKS)
def test_everything_is_pinned_and_known_by_its_content(lock):
    found = list(blocks(lock))

    assert found
    for entry in found:
        pin, *hashes = re.split(r"\s+--hash=", entry)
        wanted = Requirement(pin.strip())
        assert wanted.url is None, entry
        assert [one.operator for one in wanted.specifier] == ["=="], entry
        assert hashes, entry
        assert all(one.strip().startswith("sha256:") for one in hashes), entry


@pytest.mark.pure
@pytest.mark.parametrize("lock", LOCKS)
def test_nothing_is_older_than_what_mended_a_known_hole(lock):
    pins = {Requirement(entry.split("--hash")[0].strip()) for entry in blocks(lock)}
    found = {one.name.lower(): Version(next(iter(one.specifier)).version) for one in pins}

    assert {name: str(found[name]) for name in found if name in MENDED and found[name] < Version(MENDED[name][0])} == {}


@pytest.mark.pure
def test_the_list_of_holes_names_what_is_installed():
    installed = {Requirement(entry.split("--hash")[0].strip()).name.lower() for lock in LOCKS for entry in blocks(lock)}

    assert sorted(set(MENDED) - installed) == []
