"""The tree of why and why not: each condition of one rule with what was found, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from members.activity.why import figures
from programs.promotions import sentence
from programs.promotions.sentence import conditions, frame
from programs.rules import ProgramSettings
from programs.rules.attributes import MONEY, attribute
from programs.rules.conditions import Node
from programs.rules.rule import Rule
from programs.rules.state import State

GROUPS = ("all", "any", "none", "not", "at_least")
FITS, FAILS, UNKNOWN, SPARE = "fits", "fails", "unknown", "spare"
# What is a member's own is shown to those only who may look at members.
_SHARED = ("member.tier", "member.segments")


@dataclass(frozen=True, slots=True)
class Branch:
    """One condition: what is wanted, what was found, whether that fits, and what it is made of."""

    state: str
    text: str
    found: str = ""
    children: tuple["Branch", ...] = ()

    @property
    def icon(self) -> str:
        """The sign that stands with the word."""
        return {FITS: "check_circle", FAILS: "cancel", UNKNOWN: "help", SPARE: "radio_button_unchecked"}[self.state]

    @property
    def mark(self) -> str:
        """The class that colors it."""
        return {FITS: "holds", FAILS: "fails"}.get(self.state, "not-needed")

    @property
    def word(self) -> str:
        """The state in a word, so that nobody depends on the color."""
        return {
            FITS: pgettext("condition", "fits"),
            FAILS: pgettext("condition", "does not fit"),
            UNKNOWN: pgettext("condition", "not known"),
            SPARE: pgettext("condition", "not needed"),
        }[self.state]


@dataclass(frozen=True, slots=True)
class Words:
    """What the branches are made with; ``shows_personal`` tells whether a member's own data may stand there."""

    names: sentence.Names
    settings: ProgramSettings
    shows_personal: bool


def grown(rule: Rule, state: State, words: Words) -> list[Branch]:
    """The tree of a rule: its hours, its audience, its basket. A rule without any of them has none."""
    branches = []
    schedule = rule.document.get("schedule", {})
    if schedule and rule.is_on is not None:
        text = sentence.text_of(frame.windows(schedule)) or _("chosen days")
        at = date_format(state.shop_time(), "D, d M H:i")
        branches.append(Branch(FITS if rule.is_on(state) else FAILS, text, at))
    for title, node in ((_("The member"), rule.audience), (_("The purchase"), rule.when)):
        if node is not None:
            branch = _branch(node, state, words, wanted=True)
            if not branch.children:
                branches.append(branch)
            else:
                branches.append(Branch(branch.state, f"{title}: {branch.text}", branch.found, branch.children))
    return branches


def _branch(node: Node, state: State, words: Words, *, wanted: bool, is_spare: bool = False) -> Branch:
    value = node.fn(state, None)
    standing = UNKNOWN if value is None else FITS if value is wanted else FAILS
    if standing != FITS and is_spare:
        standing = SPARE
    if node.document["op"] not in GROUPS:
        text = sentence.text_of(conditions.condition(node.document, words.names, ""))
        return Branch(standing, text, _found(node, state, words))
    kind = node.document["op"]
    inner = wanted if kind in ("all", "any", "at_least") else not wanted
    # Where a group fits by some of its parts, the others are not needed.
    others = is_spare or (standing == FITS and kind in ("any", "at_least", "not"))
    children = tuple(_branch(child, state, words, wanted=inner, is_spare=others) for child in node.children)
    holding = sum(child.fn(state, None) is True for child in node.children)
    return Branch(standing, _group(node.document), _counted(kind, holding, len(children)), children)


def _group(document: Mapping[str, Any]) -> str:
    if document["op"] == "at_least":
        count = int(document["n"])
        return ngettext("at least %(count)s of these", "at least %(count)s of these", count) % {"count": count}
    return {
        "all": _("all of these"),
        "any": _("any of these"),
        "none": _("none of these"),
        "not": _("not all of these"),
    }[str(document["op"])]


def _counted(kind: str, holding: int, count: int) -> str:
    if kind == "all":
        return ""
    return _("%(holding)s of %(count)s") % {"holding": holding, "count": count}


def _found(node: Node, state: State, words: Words) -> str:
    """What was found where the condition looked, short."""
    if node.actual is None:
        return ""
    path = str(node.document.get("attr", "member.birthday" if node.document["op"] == "birthday_within" else ""))
    if path.startswith("member.") and not path.startswith(_SHARED) and not words.shows_personal:
        return _("not shown")
    found = node.actual(state)
    if found is None:
        return _("not known")
    return _shown(found, node.document, path, words)


def _shown(found: Any, document: Mapping[str, Any], path: str, words: Words) -> str:
    if document["op"] in ("lines", "history"):
        is_money = document["measure"] == "amount"
        return figures.money(found, words.settings) if is_money else figures.value(found)
    if document["op"] == "compare":
        sides = [figures.value(found[side]) for side in ("left", "right")]
        return _("%(left)s against %(right)s") % {"left": sides[0], "right": sides[1]}
    if document["op"] == "during":
        return str(date_format(datetime.fromisoformat(found), "D, d M H:i"))
    if path and attribute(path).kind == MONEY:
        return figures.money(found, words.settings)
    if path == "txn.weekday":
        return words.names.value(path, found)
    is_several = isinstance(found, list | tuple)
    return figures.values(found, path) if is_several else figures.value(found, path)
