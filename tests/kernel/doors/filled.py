"""Forms as a browser fills them: the fields of a page's forms with what stands in them, ready to be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

LEFT_OUT = frozenset({"submit", "button", "image", "reset", "file"})


@dataclass
class Form:
    """One form that is sent by POST: where it goes, its fields, and the choices of its fields that have some."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    # Fields whose choices are asked for while somebody types: app, model and field.
    pickers: dict[str, tuple[str, str, str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", "")) if given.get("method", "").lower() == "post" else None
            if self._form is not None:
                self.forms.append(self._form)
        elif self._form is not None and given.get("name"):
            self._field(tag, given)
        elif self._form is not None and tag == "option" and self._select:
            self._form.choices[self._select].append(given.get("value", ""))
            if "selected" in given:
                self._form.fields[self._select] = [given.get("value", "")]

    def _field(self, tag: str, given: Mapping[str, str]) -> None:
        assert self._form is not None
        name = given["name"]
        if tag == "input":
            kind = given.get("type", "text")
            if kind not in LEFT_OUT and (kind not in {"checkbox", "radio"} or "checked" in given):
                self._form.fields.setdefault(name, []).append(given.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "button" and given.get("value"):
            # A page with several buttons says by them what is meant; the first is as good as any.
            self._form.fields.setdefault(name, [given["value"]])
        elif tag == "select":
            self._select = name
            self._form.choices.setdefault(name, [])
            self._form.fields.setdefault(name, [])
            if "data-model-name" in given:
                self._form.pickers[name] = (
                    given["data-app-label"], given["data-model-name"], given["data-field-name"]
                )  # fmt: skip
        elif tag == "textarea":
            self._area = name
            self._form.fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area is not None:
            self._form.fields[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = None


def forms_of(body: bytes) -> list[Form]:
    """The forms of a page that are sent by POST."""
    reader = _Reader()
    reader.feed(body.decode())
    return reader.forms
