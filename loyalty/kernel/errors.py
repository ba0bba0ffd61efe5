"""The expected "no"."""

from collections.abc import Mapping
from typing import Any, ClassVar


class Refusal(Exception):
    """An expected "no": a stable ``code`` and the ``facts`` that explain it.

    Words for people are made at the edge, in the reader's language (``loyalty.kernel.wording``). ``status`` is what the
    API answers: 409 for a state that may change, 404 for what does not exist here, 422 for a rule of the program.
    ``field`` is the field of the request that it is about, where there is one: a text with ``%(fact)s`` places.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    field: str = ""

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code, facts)
        self.facts: Mapping[str, Any] = facts

    def __str__(self) -> str:
        return f"{self.code} {dict(self.facts)}"


class NotFound(Refusal):
    """The object does not exist, or not here: another program's object is the same answer."""

    code = "not_found"
    status = 404


class Malformed(Refusal):
    """The input cannot be read as what it should be; ``errors`` is a list of (field, code) or (field, code, facts)."""

    code = "malformed"
    status = 400


class IdempotencyMismatch(Refusal):
    """The key or external id was used before with another body."""

    code = "idempotency_mismatch"
    status = 422
