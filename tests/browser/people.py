"""Staff to sign in as, in a program with something on each page."""

from loyalty.kernel import audit, clock, ids, scope
from loyalty.kernel.access import roles
from loyalty.kernel.models import ApiKey, Job, User
from members.callers.models import CallerCheck, Look
from members.profiles.models import Member
from programs.catalog.models import Category, Location, Product
from programs.setup.models import Brand, PointType, Program, ReasonCode, Region
from programs.tiers.models import Tier, TierScheme
from tests.browser.customers import make_customer

PASSWORD = "a long enough password"
OPERATOR = "operator@example.com"


def make_staff(program: int, role: str) -> User:
    """A staff user with one role in a program; ``<role>@example.com``."""
    user = User.objects.create_user(f"{role}@example.com", PASSWORD, name=role.capitalize())
    with scope.enter([program], scope.SYSTEM):
        roles.grant_role(user, role, program)
    return user


def make_operator() -> User:
    """Whoever runs the platform."""
    return User.objects.create_user(OPERATOR, PASSWORD, name="Operator", is_operator=True)


def make_program(code: str = "FIRST") -> int:
    """A program with one of everything that has a page."""
    key = ids.take(1)[0]
    with scope.enter([key], scope.SYSTEM, is_operator=True):
        program = Program.objects.create(
            id=key, code=code, name={"en": code.capitalize()}, currency="EUR", timezone="Europe/Warsaw",
            settings={"unknown_articles": "accept"},
        )  # fmt: skip
        points = PointType.objects.create(code="POINTS", name={"en": "points"}, expiry={"after_months": 12})
        Brand.objects.create(code="MAIN", name={"en": "Main"})
        Region.objects.create(code="NORTH", name={"en": "North"})
        ReasonCode.objects.create(code="GOODWILL", name={"en": "Goodwill"}, point_type=points, agent_limit=100)
        scheme = TierScheme.objects.create(code="STATUS", name={"en": "Status"}, point_type=points)
        Tier.objects.create(scheme=scheme, code="SILVER", name={"en": "Silver"}, rank=1, threshold=1000)
        category = Category.objects.create(program=program, code="grocery", name="Grocery")
        Product.objects.create(program=program, sku="1000", name="Cheese", category=category)
        Location.objects.create(program=program, code="100", name="Main street")
        api_key, _token = ApiKey.issue(name="Tills", scopes=["purchases.write"])
        api_key.save()
        Job.objects.create(program=program, kind="reports.run", done=1, total=4, run_after=program.created_at)
        audit.record("program.created", program, changes={"code": (None, code)})
        make_customer()
        _look_and_check(key)
    return key


def _look_and_check(program: int) -> None:
    """Somebody who left since opened the first member and checked that it was them who called."""
    gone, _is_new = User.objects.get_or_create(
        email="gone@example.com", defaults={"name": "Gone", "realm": "member", "is_active": False}
    )
    member, now = Member.objects.earliest("pk"), clock.now()
    who = {"program_id": program, "member": member, "user": gone}
    Look.objects.create(kind="page", reason="call", opened_at=now, ends_at=now, **who)
    CallerCheck.objects.create(way="facts", state="failed", facts=["phone"], tries=1, made_at=now, **who)
