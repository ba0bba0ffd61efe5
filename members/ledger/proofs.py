"""The self-audit of the ledger: every invariant and the chain of its entries. A wallet whose sums are wrong is frozen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from loyalty.kernel import audit, clock, jobs, scope, sealing, telemetry
from loyalty.kernel.errors import NotFound, Refusal
from loyalty.kernel.unit_of_work import unit_of_work
from members.ledger import invariants
from members.ledger.chain import ENTRIES
from members.ledger.invariants import Finding
from members.ledger.models import Breach, Lot, Posting, Wallet
from members.ledger.operations import lock_wallets

JOB_KIND = "ledger.prove"
CHAIN = "chain"
# What is not found any more is closed, so that the answer must not be a part of what is broken.
MOST_FOUND = 100_000


class StillBroken(Refusal):
    """The self-audit still finds the wallet's sums wrong."""

    code = "ledger.still_broken"
    status = 409


class NotFrozen(Refusal):
    """The wallet is not frozen."""

    code = "ledger.not_frozen"
    status = 409


def ask() -> None:
    """Have the ledger of the program in scope proved in the background, unless that is under way."""
    with transaction.atomic():
        states = [jobs.JobState.QUEUED, jobs.JobState.RUNNING]
        if not jobs.Job.objects.filter(program_id=scope.program_id(), kind=JOB_KIND, state__in=states).exists():
            jobs.enqueue(JOB_KIND, arguments={})


def prove(run: jobs.Run) -> dict[str, Any]:
    """The job: asks every invariant of one program, walks the chain, notes breaches and freezes the wallets concerned."""
    program_id = scope.program_id()
    total = len(invariants.INVARIANTS) + 1
    findings = []
    for number, invariant in enumerate(invariants.INVARIANTS):
        run.report(number, total)
        findings += invariants.ask(invariant, most=MOST_FOUND)
    run.report(total - 1, total)
    sealed = 0
    for step in sealing.verify(program_id, ENTRIES):
        if isinstance(step, sealing.Finding):
            findings.append(Finding(CHAIN, program_id, None, {step.kind: step.number}))
        else:
            sealed = step
            run.report(total - 1, total)
    frozen = note(findings)
    if findings:
        telemetry.log().error("ledger.broken", program=program_id, findings=len(findings), frozen=frozen)
    return {"invariants": len(invariants.INVARIANTS), "sealed": sealed, "findings": len(findings), "frozen": frozen}


def note(findings: Sequence[Finding]) -> int:
    """Keep what was found, close what is found no longer, freeze the wallets concerned; how many were frozen now."""
    now = clock.now()
    with unit_of_work():
        open_rows = {
            _key(row.invariant, row.wallet_id, row.facts): row for row in Breach.objects.filter(resolved_at=None)
        }
        found = {_key(one.code, one.wallet_id, one.facts): one for one in findings}
        fresh = [one for key, one in found.items() if key not in open_rows]
        Breach.objects.bulk_create(
            Breach(program_id=one.program_id, invariant=one.code, wallet_id=one.wallet_id, facts=one.facts)
            for one in fresh
        )
        gone = [row.pk for key, row in open_rows.items() if key not in found]
        Breach.objects.filter(pk__in=gone).update(resolved_at=now)
        return _freeze(_wallets_of(fresh))


def _key(code: str, wallet_id: int | None, facts: Mapping[str, Any]) -> tuple[str, int | None, str]:
    return code, wallet_id, sealing.as_line(facts).decode()


def _wallets_of(findings: Iterable[Finding]) -> set[int]:
    """The wallets that findings name, by themselves or through an entry or a lot."""
    wallets = {one.wallet_id for one in findings if one.wallet_id is not None}
    without = [one.facts for one in findings if one.wallet_id is None]
    entries = {facts["entry"] for facts in without if isinstance(facts.get("entry"), int)}
    lots = {facts["lot"] for facts in without if isinstance(facts.get("lot"), int)}
    wallets |= set(
        Posting.objects.filter(entry_id__in=entries, wallet__isnull=False).values_list("wallet_id", flat=True)
    )
    wallets |= set(Lot.objects.filter(pk__in=lots).values_list("wallet_id", flat=True))
    return wallets


def _freeze(wallets: set[int]) -> int:
    frozen = 0
    known = Wallet.objects.filter(pk__in=wallets).values_list("pk", flat=True)
    for state in lock_wallets(known).values():
        if not state.is_frozen:
            wallet = Wallet.objects.get(pk=state.id)
            Wallet.objects.filter(pk=wallet.pk).update(is_frozen=True)
            audit.record("wallet.frozen", wallet, changes={"is_frozen": (False, True)})
            frozen += 1
    return frozen


def release_wallet(*, wallet_id: int, reason: str) -> None:
    """Let a frozen wallet be spent from again, after somebody has put its books in order.

    :raises NotFound: no such wallet in the program.
    :raises NotFrozen: it is not frozen.
    :raises StillBroken: a breach of it is still open: check again first.
    """
    with unit_of_work():
        wallet = Wallet.objects.filter(pk=wallet_id).first()
        if wallet is None:
            raise NotFound()
        if not lock_wallets([wallet_id])[wallet_id].is_frozen:
            raise NotFrozen()
        if wallet_id in _wallets_of(_open_findings()):
            raise StillBroken()
        Wallet.objects.filter(pk=wallet_id).update(is_frozen=False)
        audit.record("wallet.released", wallet, changes={"is_frozen": (True, False)}, reason=reason)


def _open_findings() -> list[Finding]:
    rows = Breach.objects.filter(resolved_at=None)
    return [Finding(row.invariant, row.program_id, row.wallet_id, row.facts) for row in rows]
