"""The cache of the migrated template is used exactly as long as nothing changed that a migration can depend on."""

from pathlib import Path

import pytest

from tests.platform.fingerprint import fingerprint

pytestmark = pytest.mark.pure


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "requirements.txt": "django==5.2\n",
        "shop/__init__.py": "",
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_first.py": "from shop import seeds\n",
        "shop/seeds.py": "from .names import NAMES\n",
        "shop/names.py": "NAMES = ['one']\n",
        "shop/views.py": "import os\n",
        "shop/apps.py": "def ready():\n    from shop import views\n",
        "shop/models.py": "",
        "loyalty/__init__.py": "",
        "loyalty/settings/base.py": "",
        "loyalty/platform/postgres.py": "",
        "loyalty/platform/roles.py": "",
        "tests/__init__.py": "",
        "tests/platform/cleaning.py": "",
        "tests/platform/throw_away.py": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "shop/migrations/0001_first.py",
        "shop/seeds.py",
        "shop/names.py",
        "shop/models.py",
        "shop/apps.py",
        "loyalty/settings/base.py",
        "loyalty/platform/roles.py",
    ],
)
def test_changes_with(project: Path, name: str) -> None:
    before = fingerprint(project)

    with (project / name).open("a") as file:
        file.write("# changed\n")

    assert fingerprint(project) != before


def test_changes_with_a_new_migration_and_with_sql(project: Path) -> None:
    seen = {fingerprint(project)}
    (project / "shop/migrations/0002_second.py").write_text("")
    seen.add(fingerprint(project))
    (project / "shop/views.sql").write_text("SELECT 1")
    seen.add(fingerprint(project))

    assert len(seen) == 3


def test_stays_when_only_a_page_changes(project: Path) -> None:
    before = fingerprint(project)

    (project / "shop/views.py").write_text("import sys\n")

    assert fingerprint(project) == before


def test_follows_what_an_app_does_after_migrations(project: Path) -> None:
    (project / "shop/apps.py").write_text("def ready():\n    from shop import views\n    post_migrate.connect(views)\n")
    before = fingerprint(project)

    (project / "shop/views.py").write_text("import sys\n")

    assert fingerprint(project) != before
