"""Is a document of the language valid? Answers problems as (path, code, facts); the words are made elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from programs.rules.catalog import Catalog
from programs.rules.context import ProgramSettings
from programs.rules.contradictions import contradictions
from programs.rules.semantics import condition_problems, rule_problems
from programs.rules.sense import kinds_of_condition, sense_problems

MAX_DEPTH = 12
MAX_NODES = 500
MAX_VALUES = 10_000
# A level of conditions is an object and its list; frames around them add a few more.
MAX_NESTING = 2 * MAX_DEPTH + 8

UNSTORABLE = re.compile("[\0\ud800-\udfff]")

CODES = {
    "additionalProperties": "unknown_field",
    "required": "missing_field",
    "dependentRequired": "missing_field",
    "enum": "not_a_choice",
    "const": "not_a_choice",
    "type": "wrong_type",
    "pattern": "wrong_format",
    "minimum": "too_small",
    "maximum": "too_large",
    "minItems": "too_few",
    "maxItems": "too_many",
    "minProperties": "too_few",
    "maxProperties": "too_many",
    "minLength": "too_short",
    "maxLength": "too_long",
    "uniqueItems": "repeated",
}


class Problem(NamedTuple):
    """One thing wrong with a document: JSON pointer, stable code, numbers and names for the message."""

    path: str
    code: str
    facts: Mapping[str, Any]


def _load(name: str) -> dict[str, Any]:
    text = resources.files("programs.rules").joinpath("schemas", name).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


PROMO_SCHEMA = _load("promo-1.json")
SEGMENT_SCHEMA = _load("segment-1.json")
_REGISTRY: Any = Registry().with_resource(PROMO_SCHEMA["$id"], Resource.from_contents(PROMO_SCHEMA))
_PROMO = Draft202012Validator(PROMO_SCHEMA)
_SEGMENT = Draft202012Validator(SEGMENT_SCHEMA, registry=_REGISTRY)


def validate(
    document: Any,
    *,
    settings: ProgramSettings | None = None,
    lists: Mapping[str, Any] | None = None,
    attributes: Mapping[str, str] | None = None,
    is_trial: bool = False,
) -> list[Problem]:
    """Problems of a ``promo/1`` document; none when it can be built and published.

    :param settings: when given, point types and groups must exist in the program.
    :param lists: when given, value lists by reference must exist.
    :param attributes: when given, attributes must be built in or declared here, with their kind (see ``Catalog``).
    :param is_trial: it is enough that the document can be evaluated; it may be of no use, as never being true.
    """
    problems = _structure(document, _PROMO)
    if problems:
        return problems
    catalog = Catalog(lists, attributes)
    found = [Problem(*one) for one in rule_problems(document, settings, catalog)]
    if found or is_trial:
        return found
    return [Problem(*one) for one in sense_problems(document, catalog)]


def validate_segment(
    document: Any, *, lists: Mapping[str, Any] | None = None, attributes: Mapping[str, str] | None = None
) -> list[Problem]:
    """Problems of a ``segment/1`` document; the parameters as in ``validate``."""
    problems = _structure(document, _SEGMENT)
    if problems:
        return problems
    catalog, when = Catalog(lists, attributes), document["when"]
    found = list(condition_problems(when, "/when", catalog))
    if not found:
        found = [*contradictions([(when, "/when")], catalog), *kinds_of_condition(when, "/when", catalog)]
    return [Problem(*one) for one in found]


def _structure(document: Any, validator: Draft202012Validator) -> list[Problem]:
    """Size first, so that nothing recurses into a hostile document; then the schema."""
    problems = _size_problems(document)
    if problems:
        return problems
    found = {
        (problem.path, problem.code): problem
        for error in validator.iter_errors(document)
        for problem in _translated(error)
    }
    return [found[key] for key in sorted(found)]


def _size_problems(document: Any) -> list[Problem]:
    """Sizes, and text that no database keeps. Looks at no more than it has to and never recurses."""
    nodes = depth = nesting = 0
    stack: list[tuple[Any, int, int, tuple[Any, ...]]] = [(document, 0, 0, ())]
    while stack:
        value, level, conditions, path = stack.pop()
        nesting = max(nesting, level)
        if nesting > MAX_NESTING:
            return [Problem("", "too_deep", {"max": MAX_DEPTH})]
        if isinstance(value, Mapping):
            nodes += 1
            conditions += "op" in value
            depth = max(depth, conditions)
            children: Iterable[tuple[Any, Any]] = value.items()
        else:
            children = enumerate(value) if isinstance(value, list) else [(None, value)]
        if nodes > MAX_NODES:
            return [Problem("", "too_many_nodes", {"max": MAX_NODES})]
        if isinstance(value, Mapping | list) and len(value) > MAX_VALUES:
            return [Problem(pointer(path), "too_many", {"wanted": MAX_VALUES})]
        for name, child in children:
            if isinstance(child, Mapping | list):
                stack.append((child, level + 1, conditions, (*path, name)))
            elif isinstance(child, str) and not _is_storable(child):
                return [Problem(pointer(path if name is None else (*path, name)), "wrong_format", {})]
    return [Problem("", "too_deep", {"max": MAX_DEPTH})] if depth > MAX_DEPTH else []


def _is_storable(text: str) -> bool:
    """A lone surrogate is no character, and PostgreSQL keeps no zero."""
    return UNSTORABLE.search(text) is None


def pointer(parts: Any) -> str:
    """A JSON pointer."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def _translated(error: ValidationError) -> Iterator[Problem]:
    here = pointer(error.absolute_path)
    keyword = str(error.validator)
    instance: Any = error.instance
    schema: Any = error.schema
    if keyword == "additionalProperties":
        for name in sorted(set(instance) - set(schema["properties"])):
            yield Problem(f"{here}{pointer([name])}", "unknown_field", {"known": sorted(schema["properties"])})
    elif keyword == "required":
        for name in sorted(set(error.validator_value) - set(instance)):
            yield Problem(f"{here}{pointer([name])}", "missing_field", {})
    elif keyword in ("enum", "const"):
        value: Any = error.validator_value
        yield Problem(here, "not_a_choice", {"choices": value if keyword == "enum" else [value]})
    else:
        facts = {} if keyword in ("not", "None", "pattern") else {"wanted": error.validator_value}
        yield Problem(here, CODES.get(keyword, "not_allowed"), facts)
