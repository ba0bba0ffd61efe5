"""The groups of promotions in a form: a name and what happens when several of a group apply, without a word of JSON."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

BEST, FIRST, ALL, AT_MOST = "best", "first", "all", "at_most"
MODES = [
    (BEST, gettext_lazy("only the one that gives most")),
    (FIRST, gettext_lazy("only the first by priority")),
    (ALL, gettext_lazy("all of them")),
    (AT_MOST, gettext_lazy("the best ones, at most")),
]
NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
BLANK_ROWS = 2
MOST_KEPT = 20

Row = tuple[str, str, str]


class GroupsWidget(forms.Widget):
    """One row a group, and some empty ones; a row without a name is none."""

    template_name = "setup/groups.html"
    title = ""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:
        lists = data if isinstance(data, MultiValueDict) else MultiValueDict(data)
        parts = [lists.getlist(f"{name}-{part}") for part in ("name", "mode", "most")]
        return [(str(one).strip(), str(mode), str(most).strip()) for one, mode, most in zip(*parts, strict=False)]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-name" not in data

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [*rows_of(value), *[("", BEST, "")] * BLANK_ROWS]
        style = " ".join(INPUT_CLASSES)
        context["widget"]["title"] = self.title
        context["rows"] = [
            {
                "name": group,
                "most": most,
                "mode": UnfoldAdminSelectWidget(choices=MODES).render(
                    f"{name}-mode", mode, {"aria-label": _("When several apply"), "id": f"{name}-mode-{place}"}
                ),
            }
            for place, (group, mode, most) in enumerate(rows)
        ]
        context["style"] = style
        return context


def rows_of(value: Any) -> list[Row]:
    """The rows of a stored value, or those that were typed."""
    if isinstance(value, list):
        return [row for row in value if row[0]]
    rows = []
    for name, mode in (value or {}).items():
        kind, _colon, most = mode.partition(":")
        rows.append((name, kind, most))
    return rows


class GroupsField(forms.Field):
    """``{name: mode}`` of the program, typed row by row."""

    widget = GroupsWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.widget.title = kwargs.get("label", "")

    def to_python(self, value: Any) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, mode, most in value or []:
            if not name:
                continue
            if not NAME.match(name):
                raise ValidationError(
                    _("“%(name)s” cannot be a name: small letters, digits, - and _ only."), params={"name": name}
                )
            if name in found:
                raise ValidationError(_("“%(name)s” stands there twice."), params={"name": name})
            found[name] = _mode(name, mode, most)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != (initial or {})
        except ValidationError:
            return True


def _mode(name: str, mode: str, most: str) -> str:
    if mode not in dict(MODES):
        raise ValidationError(_("Choose what happens when several of “%(name)s” apply."), params={"name": name})
    if mode != AT_MOST:
        return mode
    if not most.isdigit() or not 1 <= int(most) <= MOST_KEPT:
        raise ValidationError(
            _("Say how many of “%(name)s” may apply, from 1 to %(most)s."), params={"name": name, "most": MOST_KEPT}
        )
    return f"{AT_MOST}:{int(most)}"
