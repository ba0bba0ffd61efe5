"""Four eyes: what one person asks for is done when another has said yes.

A context registers a kind: who may decide, what it says in words, and the service that carries it out. The service runs
in a transaction of its own after the yes was written; a refusal of the service opens the question again, and an approved
deed that a crash left undone is carried out by approving it once more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from loyalty.kernel import audit, scope
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.models import Proposal
from loyalty.kernel.models.proposals import ProposalState
from loyalty.kernel.unit_of_work import unit_of_work


class OwnProposal(Refusal):
    """Whoever asked does not decide."""

    code = "proposals.own"
    status = 409


class AlreadyDecided(Refusal):
    """Somebody decided it before."""

    code = "proposals.decided"
    status = 409


class AskedBefore(Refusal):
    """The same waits for a decision already."""

    code = "proposals.asked"
    status = 409


class NotYours(Refusal):
    """The right to decide this kind is missing."""

    code = "proposals.not_yours"
    status = 403


class AnswerMissing(Refusal):
    """A no needs words."""

    code = "proposals.answer_missing"
    field = "answer"


@dataclass(frozen=True, slots=True)
class Kind:
    """A deed that needs a second person.

    :param permission: what the decider must hold.
    :param describe: the arguments in words of the reader's language, nothing personal.
    :param carry_out: the service that does it, with the arguments and the instant; it must be safe to run twice.
    :param detail: more about it for whoever may decide, such as a text in full.
    :param about: the address of the page of what it is about, for whoever may decide.
    :param once: the argument of which the same value waits once only; empty: anything may be asked again.
    :param settle: what to let go of when it is carried out or refused; in the transaction that says so.
    """

    code: str
    title: Any
    permission: str
    describe: Callable[[Mapping[str, Any]], str]
    carry_out: Callable[[Mapping[str, Any], datetime], object]
    detail: Callable[[Mapping[str, Any]], str] | None = None
    settle: Callable[[Mapping[str, Any], datetime], object] | None = None
    about: Callable[[Mapping[str, Any]], str] | None = None
    once: str = ""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Offer a kind; once, at start."""
    assert kind.code not in _kinds, f"proposal {kind.code} is registered twice"
    _kinds[kind.code] = kind


def kind_of(proposal: Proposal) -> Kind:
    """The kind of a proposal."""
    return _kinds[proposal.kind]


def propose(code: str, arguments: Mapping[str, Any], *, note: str, at: datetime) -> Proposal:
    """Ask for a deed in the name of the user in scope; nothing is done yet.

    :raises AskedBefore: the kind is asked once, and the same waits already.
    """
    actor = scope.actor()
    assert code in _kinds, f"unknown proposal {code}"
    assert actor.kind == "user", "only people ask"
    with unit_of_work():
        _refuse_twice(_kinds[code], arguments)
        asked: Proposal = Proposal.objects.create(
            kind=code, arguments=dict(arguments), note=note, asker_id=actor.id, asked_at=at
        )
        audit.record(
            "proposal.requested", asked, changes={"what": (None, _kinds[code].describe(arguments))}, reason=note
        )
    return asked


def _refuse_twice(kind: Kind, arguments: Mapping[str, Any]) -> None:
    if not kind.once:
        return
    value = arguments[kind.once]
    with connection.cursor() as cursor:
        # Two who ask at once wait for each other.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"{kind.code}:{value}", scope.program_id()]
        )
    if Proposal.objects.filter(kind=kind.code, done_at__isnull=True, **{f"arguments__{kind.once}": value}).exists():
        raise AskedBefore()


def approve(public_id: UUID, *, may: frozenset[str], answer: str, at: datetime) -> Proposal:
    """Say yes in the name of the user in scope, and do it.

    :raises NotFound: no such proposal here.
    :raises NotYours: the kind asks for a right that ``may`` does not hold.
    :raises OwnProposal: the actor asked for it.
    :raises AlreadyDecided: it is carried out, or was refused.
    :raises Refusal: what the service says; the proposal waits on.
    """
    with unit_of_work():
        asked = _locked(public_id, may)
        _write(asked, ProposalState.APPROVED, answer, at)
    try:
        _kinds[asked.kind].carry_out(asked.arguments, at)
    except Refusal:
        with unit_of_work():
            asked.state, asked.decider_id, asked.decided_at = ProposalState.WAITING, None, None
            asked.save(update_fields=["state", "decider", "decided_at"])
        raise
    with unit_of_work():
        _finish(asked, at)
    return asked


def reject(public_id: UUID, *, may: frozenset[str], answer: str, at: datetime) -> Proposal:
    """Say no in the name of the user in scope, with the reason; nothing is done.

    :raises AnswerMissing: without words.
    :raises NotFound: no such proposal here.
    :raises NotYours: the kind asks for a right that ``may`` does not hold.
    :raises OwnProposal: the actor asked for it.
    :raises AlreadyDecided: it was decided before.
    """
    if not answer.strip():
        raise AnswerMissing()
    with unit_of_work():
        asked = _locked(public_id, may)
        if asked.state != ProposalState.WAITING:
            raise AlreadyDecided()
        _write(asked, ProposalState.REJECTED, answer, at)
        _finish(asked, at)
    return asked


def _locked(public_id: UUID, may: frozenset[str]) -> Proposal:
    rows = Proposal.objects.select_for_update(no_key=True, of=("self",))
    asked: Proposal | None = rows.filter(public_id=public_id).first()
    if asked is None:
        raise NotFound()
    if _kinds[asked.kind].permission not in may:
        raise NotYours()
    if asked.asker_id == scope.actor().id:
        raise OwnProposal()
    if asked.done_at is not None or asked.state == ProposalState.REJECTED:
        raise AlreadyDecided()
    return asked


def _write(asked: Proposal, state: ProposalState, answer: str, at: datetime) -> None:
    before, asked.state, asked.answer = asked.state, state, answer
    asked.decider_id, asked.decided_at = scope.actor().id, at
    asked.save(update_fields=["state", "answer", "decider", "decided_at"])
    audit.record(f"proposal.{state}", asked, changes={"state": (before, state)}, reason=answer)


def _finish(asked: Proposal, at: datetime) -> None:
    asked.done_at = at
    asked.save(update_fields=["done_at"])
    settle = _kinds[asked.kind].settle
    if settle is not None:
        settle(asked.arguments, at)
