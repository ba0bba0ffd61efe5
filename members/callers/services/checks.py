"""Who calls is the member: shown by a code to the known address, or by two facts that the desk does not show."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from loyalty.kernel import audit, outbox
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.callers import operations, queries
from members.callers.models import CallerCheck, CheckState, CheckWay
from members.profiles.models import Member
from programs.setup import terms
from programs.setup.models import Program

CODE_MINUTES = 10
MOST_TRIES = 5
MOST_CODES = 3
MOST_WRONG_ANSWERS = 3
FACTS_ASKED = 2


class CallerUnchecked(Refusal):
    """Points are spent for a caller only after the check."""

    code = "callers.unchecked"
    status = 409


class NotReachable(Refusal):
    """The program knows no address to send a code to, or the member is blocked."""

    code = "callers.not_reachable"
    status = 409


class TooManyCodes(Refusal):
    """The member was sent enough codes for an hour."""

    code = "callers.too_many_codes"
    status = 429


class CodeGone(Refusal):
    """The code is too old, was tried too often, or another was sent after it."""

    code = "callers.code_gone"
    status = 409


class CodeWrong(Refusal):
    """Not the code that was sent."""

    code = "callers.code_wrong"


class TooFewFacts(Refusal):
    """Two facts are needed."""

    code = "callers.too_few_facts"


class FactsWrong(Refusal):
    """One of the answers, or both, is not what the program knows."""

    code = "callers.facts_wrong"


class TooManyAnswers(Refusal):
    """Facts about this member were answered wrong too often today."""

    code = "callers.too_many_answers"
    status = 429


def demand_check(member_id: int, *, at: datetime) -> None:
    """Refuse to act for a member whose caller was not checked. Asks only where a person acts: machines have their keys.

    :raises CallerUnchecked: the user in scope has no check that still holds.
    """
    if queries.user_id() is not None and queries.check_in_force(member_id, at) is None:
        raise CallerUnchecked()


def send_code(member: Member, *, at: datetime) -> CallerCheck:
    """Have a code sent to the address that the program knows; one sent before opens nothing any more.

    :raises NotReachable: there is no address, or the member is blocked or erased.
    :raises TooManyCodes: three were sent within the hour.
    """
    with unit_of_work():
        operations.lock_member(member.pk)
        if not member.is_active or not operations.email_of(member):
            raise NotReachable()
        if queries.codes_within_hour(member.pk, at) >= MOST_CODES:
            raise TooManyCodes(most=MOST_CODES)
        CallerCheck.objects.filter(member=member, way=CheckWay.CODE, state=CheckState.WAITING).update(
            state=CheckState.FAILED
        )
        check = CallerCheck.objects.create(
            member=member, user_id=queries.user_id(), way=CheckWay.CODE, state=CheckState.WAITING, made_at=at,
            expires_at=at + timedelta(minutes=CODE_MINUTES),
        )  # fmt: skip
        audit.record("caller.code_sent", member)
        outbox.add(operations.CODE_ASKED, subject="caller_check", subject_id=check.pk, at=at)
    return check


def take_code(check_id: UUID, typed: str, *, at: datetime) -> CallerCheck:
    """Judge the code that the caller told; five tries, then it is worth nothing.

    :raises NotFound: no such check of this user here.
    :raises CodeGone: too old, tried too often or used.
    :raises CodeWrong: not the code; the try is counted.
    """
    with unit_of_work():
        check = operations.lock_check(check_id)
        if check is None or check.user_id != queries.user_id():
            raise NotFound()
        if check.state != CheckState.WAITING or check.expires_at is None or check.expires_at <= at:
            raise CodeGone()
        check.tries += 1
        is_right = operations.is_code_of(check, typed)
        if is_right:
            check.state, check.ends_at = CheckState.PASSED, _end(at)
        elif check.tries >= MOST_TRIES:
            check.state = CheckState.FAILED
        check.save(update_fields=["state", "tries", "ends_at"])
        audit.record("caller.checked" if is_right else "caller.code_refused", check.member, reason=check.way)
    # The try is kept although the answer is no.
    if not is_right:
        raise CodeWrong(left=MOST_TRIES - check.tries)
    return check


def answer_facts(member: Member, answers: Mapping[str, str], *, at: datetime) -> CallerCheck:
    """Judge what the caller answered; which answer is wrong is told to nobody. Three wrong tries a day for a member.

    :raises TooFewFacts: fewer than two answers, or one that this user cannot ask for.
    :raises TooManyAnswers: wrong three times within a day, whoever asked.
    :raises FactsWrong: they do not fit; the try is counted.
    """
    given = {code: typed for code, typed in answers.items() if typed.strip()}
    with unit_of_work():
        operations.lock_member(member.pk)
        offered = {one.code for one in operations.facts_of(member, was_shown=queries.was_shown(member.pk, at))}
        if len(given) < FACTS_ASKED or not set(given) <= offered:
            raise TooFewFacts(needed=FACTS_ASKED)
        wrong = queries.wrong_answers(member.pk, at)
        if wrong >= MOST_WRONG_ANSWERS:
            raise TooManyAnswers(most=MOST_WRONG_ANSWERS)
        is_right = operations.fits(member, given)
        check = CallerCheck.objects.create(
            member=member, user_id=queries.user_id(), way=CheckWay.FACTS, facts=sorted(given), tries=1, made_at=at,
            state=CheckState.PASSED if is_right else CheckState.FAILED, ends_at=_end(at) if is_right else None,
        )  # fmt: skip
        audit.record("caller.checked" if is_right else "caller.facts_refused", member, reason=", ".join(sorted(given)))
    # The try is kept although the answer is no.
    if not is_right:
        raise FactsWrong(left=MOST_WRONG_ANSWERS - wrong - 1)
    return check


def _end(at: datetime) -> datetime:
    return at + timedelta(minutes=int(terms.nearest(terms.CALLER_MINUTES, Program.objects.get())))
