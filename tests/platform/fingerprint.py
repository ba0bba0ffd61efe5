"""A hash of everything that the migrated template depends on.

That is: every migration, model, app and SQL file, the settings, whatever project code these import (followed through
their import statements), how the server and its roles are made, and the locked packages. An app file's imports, which
register much that no migration sees, count only where it acts after migrations.
"""

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

_ROOTS = ("**/migrations/*.py", "**/models.py", "**/models/**/*.py", "**/apps.py", "**/*.sql")
_SETTINGS = "loyalty/settings/*.py"
_SERVER = ("loyalty/platform/postgres.py", "loyalty/platform/roles.py", "tests/platform/cleaning.py")
_OTHER = (*_SERVER, "tests/platform/throw_away.py", "requirements.txt")


def fingerprint(project: Path) -> str:
    """A short text that differs whenever the template could."""
    packages = [folder for folder in project.iterdir() if (folder / "__init__.py").exists() and folder.name != "tests"]
    names = {folder.name for folder in packages}
    waiting = {path for package in packages for pattern in _ROOTS for path in package.glob(pattern)}
    waiting |= set(project.glob(_SETTINGS))
    found = {project / name for name in _OTHER}
    while waiting:
        path = waiting.pop()
        found.add(path)
        if path.suffix == ".py" and (path.name != "apps.py" or b"post_migrate" in path.read_bytes()):
            waiting |= {each for each in _imported(path, project, names) if each not in found}
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(f"{path.relative_to(project)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


def _imported(path: Path, project: Path, packages: set[str]) -> Iterator[Path]:
    """The project's files that an import statement of ``path`` names, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.ImportFrom):
            folder = path.parents[node.level - 1].relative_to(project)
            base = ".".join([*folder.parts, *(node.module.split(".") if node.module else [])])
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.split(".")[0] in packages:
                yield from _files(project.joinpath(*name.split(".")))


def _files(module: Path) -> Iterator[Path]:
    for path in (module.with_suffix(".py"), module / "__init__.py"):
        if path.exists():
            yield path
