"""What is wrong with a document, said at the field that it is about."""

from collections.abc import Iterable, Sequence

from loyalty.kernel import wording
from programs.promotions.design.rows import Part, Row
from programs.rules.language import Problem


def placed(parts: Sequence[Part], problems: Iterable[Problem]) -> list[str]:
    """Put each problem at its field, else at the nearest row or part above it; what belongs nowhere is given back."""
    left = []
    for problem in problems:
        path = problem.path.strip("/")
        path = "trigger/on" if path == "trigger" else path
        words = wording.sentence(problem.code, problem.facts)
        if not any(_put(part, path, words) for part in parts):
            left.append(words)
    return left


def _put(part: Part, path: str, words: str) -> bool:
    for index, field in enumerate(part.fields):
        if field.path == path or path.startswith(f"{field.path}/"):
            part.fields[index] = field.with_problem(words)
            return True
    if any(_put_in_row(row, path, words) for row in part.rows):
        return True
    if path == part.code or path.startswith(f"{part.code}/"):
        part.problems.append(words)
        return True
    return False


def _put_in_row(row: Row, path: str, words: str) -> bool:
    if any(_put_in_row(inner, path, words) for inner in row.rows):
        return True
    for index, field in enumerate(row.fields):
        if field.path == path:
            row.fields[index] = field.with_problem(words)
            return True
    if path == row.path or path.startswith(f"{row.path}/"):
        row.problems.append(words)
        return True
    return False
