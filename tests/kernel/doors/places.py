"""Two programs with one of everything, and for every route the parameters that name a thing of either."""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import DatabaseError, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from loyalty.kernel import clock, ids, jobs
from loyalty.kernel.models import Job, User
from loyalty.kernel.models.base import ProgramModel
from loyalty.kernel.text import TranslatedText
from loyalty.kernel.unit_of_work import unit_of_work
from members.activity.models import Purchase, ReturnNotice
from members.consents.models import ConsentPurpose, ConsentText
from members.ledger import operations as ledger
from members.ledger import requests
from members.ledger.models import AdjustmentRequest, ConversionRate, EndWarning, TierCredit
from members.messaging.models import Message, MessageTemplate
from members.profiles import operations as profiles
from members.profiles.models import Identifier, Member, MemberAttribute
from members.profiles.operations import NewMember
from members.segments import services as segments
from members.segments.models import Segment
from members.till.models import TillOperation
from members.whatif import services as whatif
from programs.promotions import services as promotions
from programs.promotions.models import Promotion
from programs.returns.models import ReturnTerms
from programs.setup.models import CurrencyRate, PointType, ReasonCode
from programs.tiers.models import Tier, TierScheme
from reports.library import services as reports
from reports.library.models import ReportRun, ReportSchedule
from rewards.catalog.models import Reward
from tests.browser import people, routes, samples
from tests.members.world import BASE

CANARY = "Kanarek"
# Texts that name a thing: of the other program they hold the canary. What promotions' documents name keeps its code.
NAMING = frozenset(
    {
        "code", "name", "first_name", "last_name", "name_search", "city", "description", "note", "number", "value", "sku",
        "external_id", "purchase_external_id", "subject", "body", "contact_name", "headline",
    }
)  # fmt: skip
KEEPS_CODE = frozenset({"programs_setup.PointType", "programs_setup.EventKind"})
FEWEST_MARKED = 30
SHORTEST_KEY = 10**12


@dataclass(frozen=True)
class Place:
    """A program, for each route with parameters those of one of its things, and a member who has nothing."""

    program: int
    things: Mapping[str, Mapping[str, Any]]
    other_member: uuid.UUID


def make_place(code: str, *, is_marked: bool = False, mark: str = CANARY) -> Place:
    """A program with one of everything; with ``is_marked``, or another ``mark``, every name in it holds that."""
    program = people.make_program(code)
    with routes.in_program(program):
        _furnish()
        if is_marked or mark != CANARY:
            _mark(program, mark)
        things = {**_of_lists(program), **{name: make() for name, make in MAKERS.items()}}
        return Place(program, things, Member.objects.latest("pk").public_id)


def _furnish() -> None:
    """What ``people.make_program`` has no need of."""
    now, member = clock.now(), Member.objects.earliest("pk")
    purpose = ConsentPurpose.objects.create(code="NEWS", name={"en": "News"})
    ConsentText.objects.create(purpose=purpose, version=1, text={"en": "We may write."})
    MemberAttribute.objects.create(code="pet", name={"en": "Pet"}, kind="text")
    MessageTemplate.objects.create(code="HELLO", name={"en": "Hello"}, subject={"en": "Hello"}, body={"en": "Hello"})
    requests.request_adjustment(
        member_id=member.pk, point_type_id=PointType.objects.get().pk, amount=900, reason_id=ReasonCode.objects.get().pk,
        note="asked", request_key="doors", at=now,
    )  # fmt: skip
    reports.request_report(
        report="movement", first=date(2026, 1, 1), last=date(2026, 1, 31), formats=["csv"], language="en", user=None
    )
    reports.schedule_report(
        report="movement", frequency="day", hour=6, formats=["csv"], emails=[], language="en", user=None, now=now
    )
    segments.create_segment(code="LISTED", name={"en": "Listed"}, kind="static", now=now)
    segments.add_members(code="LISTED", member_ids=[member.pk], now=now)
    Message.objects.create(
        member=member, template=MessageTemplate.objects.get(), language="en", subject="Hello", body="Hello",
        request_key="doors", cause_kind="promotion", state="failed", channel="email", made_at=now,
    )  # fmt: skip
    TillOperation.objects.create(
        source="key:1", till="4", op_id=uuid.uuid4(), kind="commit", body_hash=b"", status="accepted", http_status=200,
        answer="{}", occurred_at=now, received_at=now,
    )  # fmt: skip
    TierCredit.objects.create(tier=Tier.objects.get(), point_type=PointType.objects.get(), limit=100)
    samples._voucher()
    samples._hold()
    samples._flag()
    jobs.enqueue("lists.export", arguments={"list": "programs_catalog.product", "query": "", "format": "csv"})
    # Two versions to compare, and a member beside the one that has everything.
    promotions.write_promotion(code="BASE", name={"en": "Base"}, document=BASE)
    with unit_of_work():
        new = NewMember(
            number="M2", enrolled_at=now, first_name="Ewa", email="ewa@example.com", cards=("4539578763621486",)
        )
        ledger.open_wallets([profiles.add_members([new])[0].account_id], [PointType.objects.get().pk])
    _sell(now)


def _sell(now: datetime) -> None:
    """What is for sale, and a sale; last, for another point type comes with it."""
    points = PointType.objects.get()
    CurrencyRate.objects.create(currency="USD", since_date=now.date(), rate=Decimal("0.9"))
    EndWarning.objects.create(point_type=points, days=10, template=MessageTemplate.objects.get())
    ReturnNotice.objects.create(step="accepted", template=MessageTemplate.objects.get())
    ReturnTerms.objects.create(tier=Tier.objects.earliest("pk"), since_date=date(2026, 1, 1), days=14)
    samples._sale()
    other = PointType.objects.get(code="SOLD")
    ConversionRate.objects.create(from_type=points, to_type=other, since_date=now.date(), give=1, get=1)


def program_models() -> list[type[models.Model]]:
    """Every model whose rows belong to a program."""
    return [model for model in apps.get_models() if issubclass(model, ProgramModel)]


def _mark(program: int, mark: str) -> None:
    """Put the mark into every name of the program; what may never change keeps what it says."""
    marked = 0
    for model in program_models():
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField)
            if field.name not in NAMING or field.choices or not (is_text or isinstance(field, TranslatedText)):
                continue
            if field.name == "code" and model._meta.label in KEEPS_CODE:
                continue
            text: Any = {"en": mark} if isinstance(field, TranslatedText) else Concat(Value(mark), F(field.name))
            with contextlib.suppress(DatabaseError), transaction.atomic():
                marked += bool(model._default_manager.filter(program=program).update(**{field.name: text}))
    assert marked >= FEWEST_MARKED, marked


def _member() -> dict[str, Any]:
    return {"member_id": Member.objects.earliest("pk").public_id}


def _run() -> dict[str, Any]:
    return {"public_id": ReportRun.objects.earliest("pk").public_id}


def _finished_run() -> dict[str, Any]:
    """A report whose files are made."""
    run = ReportRun.objects.earliest("pk")
    jobs.run(run.job_id)
    return {"public_id": run.public_id}


def _finished_simulation() -> dict[str, Any]:
    asked = whatif.request_simulation(code=Promotion.objects.earliest("pk").code, days=30, user=None)
    jobs.run(asked.job_id)
    return {"public_id": asked.public_id}


def _segment() -> dict[str, Any]:
    return {"code": Segment.objects.get(code__endswith="LISTED").code}


def _long_statement() -> dict[str, Any]:
    member, today = Member.objects.earliest("pk"), clock.now().date()
    job = jobs.enqueue(
        "ledger.statement", user=User.objects.filter(realm="staff").first(),
        arguments={"member": member.pk, "first": f"{today}", "last": f"{today}", "known_at": None},
    )  # fmt: skip
    return {"member_id": member.public_id, "job_id": job.public_id}


MAKERS: dict[str, Callable[[], dict[str, Any]]] = {
    **samples.SAMPLES,
    "desk-request": lambda: {"request_id": AdjustmentRequest.objects.earliest("pk").public_id},
    "desk-reveal": _member,
    "desk-issue-card": _member,
    "desk-block-card": lambda: {**_member(), "identifier_id": Identifier.objects.earliest("pk").pk},
    "desk-grant-tier": _member,
    "desk-withdraw-tier": lambda: {**_member(), "scheme_id": TierScheme.objects.earliest("pk").pk},
    "consent-change": lambda: {**_member(), "purpose": ConsentPurpose.objects.earliest("pk").code},
    "reward-picture": lambda: {"file_id": Reward.objects.earliest("pk").picture.public_id},
    "promotion-pick": lambda: {"kind": "products"},
    "promotion-compare": samples._promotion,
    "whatif-stop": samples._simulation,
    "whatif-download": lambda: {**_finished_simulation(), "file_format": "xlsx"},
    "whatif-find": samples._promotion,
    "segment": _segment,
    "segment-remove": lambda: {**_segment(), **_member()},
    "reports-schedule-stop": lambda: {"public_id": ReportSchedule.objects.earliest("pk").public_id},
    "purchase-file-rejects": samples._file,
    "purchase-file-stop": samples._file,
    "purchase-file-resume": samples._file,
    "reports-stop": _run,
    "reports-again": _run,
    "reports-download": lambda: {**_finished_run(), "file_format": "csv"},
    "exports-download": lambda: {"public_id": Job.objects.filter(kind="lists.export").earliest("pk").public_id},
    "desk-statement-file": _long_statement,
    "exports-stop": lambda: {"public_id": Job.objects.filter(kind="lists.export").earliest("pk").public_id},
}


def _of_lists(program: int) -> dict[str, dict[str, Any]]:
    """For the pages of every list's objects: a row of the program."""
    found = {}
    for model in admin.site._registry:
        rows = model._default_manager.all()
        if any(field.name == "program" for field in model._meta.concrete_fields):
            rows = rows.filter(program=program)
        row = rows.order_by("pk").first()
        if model is User:
            # The site lists staff alone.
            row = User.objects.filter(realm="staff").first() or User.objects.create_user(
                "colleague@example.com", people.PASSWORD, name="Colleague"
            )
        if row is not None:
            found[f"{model._meta.app_label}_{model._meta.model_name}"] = {"object_id": row.pk}
    return found


def thing_of(place: Place, name: str) -> Mapping[str, Any] | None:
    """The parameters of a route for the thing of a place."""
    if name in place.things:
        return place.things[name]
    if name.endswith("_import_confirm"):
        return place.things["reward-picture"]
    return next((given for base, given in place.things.items() if name.startswith(f"{base}_")), None)


ABOUT_NOTHING = frozenset({"kind", "deed", "file_format", "purpose", "year", "month"})
"""Parameters that name no thing of a program: they stay as they are."""


def strangers(
    own: Mapping[str, Any], other: Mapping[str, Any], gone: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The parameters that lead to nothing of one's own: a thing that never was, one that was, one of the other program.

    Where a route names several things, each of them is also exchanged alone. Codes are the same in every program that
    is not marked: those of what is gone are written backwards. Whoever names nothing has no strangers.
    """
    named = [key for key in own if key not in ABOUT_NOTHING]
    made: list[tuple[str, Callable[[str], Any]]] = [
        ("random", lambda key: _random(own[key])),
        ("deleted", lambda key: gone[key][::-1] if isinstance(gone[key], str) else gone[key]),
        ("other program", lambda key: other[key]),
    ]
    made = made if named else []
    for state, make in made:
        yield state, {**own, **{key: make(key) for key in named}}
        if len(named) > 1:
            for key in named:
                yield f"{state}: {key}", {**own, key: make(key)}


def _random(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return uuid.uuid4()
    return ids.take(1)[0] if isinstance(value, int) else f"N{uuid.uuid4().hex[:12].upper()}"


def canaries(program: int) -> list[str]:
    """What only the program knows: the mark, and the keys of its rows."""
    found = {CANARY.lower()}
    for model in program_models():
        rows = model._default_manager.filter(program=program).order_by("pk")[:200]
        found |= {str(row.pk) for row in rows if isinstance(row.pk, int) and row.pk > SHORTEST_KEY}
        found |= {str(row.public_id) for row in rows if getattr(row, "public_id", None)}
    return sorted(found)


def external_of(place: Place) -> str:
    """The number of the place's receipt."""
    with routes.in_program(place.program):
        return str(Purchase.objects.earliest("pk").external_id)
