"""Messages and lines on the receipt that promotions grant."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from loyalty.kernel.registries import Issue, Undo
from loyalty.kernel.text import Texts
from members.messaging import operations, placeholders, queries
from members.messaging.models import Channel, MessageTemplate
from programs.setup.models import Program

Problems = Iterable[tuple[str, str, Mapping[str, Any]]]


class MessageEffect:
    """Writes a message to the member who bought."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """Write one message each, in their readers' languages; who may not be told gets one that is not sent."""
        templates = queries.templates(one.effect["template"] for one in wanted if "template" in one.effect)
        rows = operations.write(
            [
                operations.Wanted(
                    member_id=one.member_id,
                    template=templates[one.effect["template"]] if "template" in one.effect else None,
                    text=one.effect.get("text", {}),
                    facts=_texts(one.effect["facts"]),
                    cause_kind=one.cause_kind,
                    cause_id=one.cause_id,
                    rule=one.rule,
                    request_key=f"purchase:{one.key}",
                    at=one.at,
                )
                for one in wanted
            ]
        )
        return [
            {
                "message": row.pk,
                "template": one.effect.get("template", ""),
                "channel": row.channel,
                "state": row.state,
            }
            for one, row in zip(wanted, rows, strict=True)
        ]

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """Keep back what was not sent yet."""
        operations.withhold([one.issued["message"] for one in undone])

    def problems(self, effect: Mapping[str, Any]) -> Problems:
        """The template is the program's and goes by the channel named; a text of its own goes to the member's list."""
        if effect.get("to", "member") != "member":
            yield "to", "recipient_not_offered", {}
        if "template" in effect and "text" in effect:
            yield "text", "exactly_one", {"of": ["template", "text"]}
        channel = effect.get("channel")
        if "template" not in effect:
            if channel not in (None, Channel.IN_APP):
                yield "channel", "channel_needs_template", {}
            yield from _text_problems(effect)
            return
        found = MessageTemplate.objects.filter(code=effect["template"], archived_at__isnull=True).first()
        if found is None or found.channel == Channel.TILL:
            yield "template", "unknown_template", {"template": effect["template"]}
        elif channel not in (None, found.channel):
            yield "channel", "other_channel", {"channel": found.channel}

    def choices(self, field: str) -> Sequence[tuple[str, str]]:
        """The templates in use that go to members."""
        rows = MessageTemplate.objects.filter(archived_at__isnull=True).exclude(channel=Channel.TILL).order_by("code")
        return [(row.code, str(row.name)) for row in rows]


class PrintEffect:
    """Says something on the receipt, in the member's language; the till prints it."""

    def issue_many(self, wanted: Sequence[Issue]) -> Sequence[Mapping[str, Any]]:
        """The lines to print; nothing personal stands in them, so that the stored answer can be given again."""
        readers = queries.readers(one.member_id for one in wanted)
        templates = queries.templates(one.effect["template"] for one in wanted if "template" in one.effect)
        name = Program.objects.get().name
        printed = []
        for one in wanted:
            language = readers[one.member_id].language
            texts = templates[one.effect["template"]].body if "template" in one.effect else one.effect["text"]
            values = dict.fromkeys(placeholders.KNOWN, "") | _texts(one.effect["facts"])
            values["program"] = Texts(name).in_language(language)
            printed.append({"text": placeholders.filled(Texts(texts).in_language(language), values)})
        return printed

    def reverse_many(self, undone: Sequence[Undo]) -> None:
        """What was printed stays printed."""

    def problems(self, effect: Mapping[str, Any]) -> Problems:
        """A template is one for receipts; a text of its own has only places that are filled in."""
        if "template" in effect and "text" in effect:
            yield "text", "exactly_one", {"of": ["template", "text"]}
        if "template" not in effect:
            yield from _text_problems(effect)
            return
        found = MessageTemplate.objects.filter(code=effect["template"], archived_at__isnull=True, channel=Channel.TILL)
        if not found.exists():
            yield "template", "unknown_template", {"template": effect["template"]}


def _text_problems(effect: Mapping[str, Any]) -> Problems:
    texts = effect.get("text", {})
    if not texts:
        yield "text", "missing_field", {}
    for language, text in texts.items():
        wrong = [*placeholders.faults(text), *(name for name in placeholders.PERSONAL if f"{{{name}}}" in text)]
        if wrong and (effect["effect"] == "print" or list(placeholders.faults(text))):
            yield f"text/{language}", "unknown_placeholder", {"name": wrong[0]}


def _texts(facts: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items() if name in placeholders.FACTS}
