"""The demo's logins: one for each role, with passwords that everybody may read. Made in a demo database only."""

from dataclasses import dataclass

from loyalty.kernel.access import roles
from loyalty.kernel.models import User
from loyalty.kernel.models.users import Realm
from partners.registry.models import Partner

PASSWORD = "demo-loyalty-2026"


@dataclass(frozen=True, slots=True)
class Login:
    """One demo user. ``partner`` is the code of the partner whose portal opens."""

    role: str
    email: str
    name: str
    path: str = "/admin/"
    language: str = "en"
    timezone: str = "America/New_York"
    partner: str = ""
    password: str = PASSWORD


LOGINS = (
    Login("operator", "operator@example.com", "Olga Operator"),
    Login("marketer", "marketer@example.com", "Marta Marketer"),
    Login("analyst", "analyst@example.com", "Adam Analyst"),
    Login("agent", "agent@example.com", "Agata Agent"),
    Login("supervisor", "supervisor@example.com", "Sergey Supervisor"),
    # What one supervisor asks for another decides.
    Login("supervisor", "second@example.com", "Sonia Supervisor"),
    Login("partner", "north@example.com", "Nora North", "/portal/", partner="stores-north"),
    Login("partner", "south@example.com", "Simon South", "/portal/", partner="stores-south"),
    Login("partner", "maker@example.com", "Mila Maker", "/portal/", partner="manufacturer-69"),
)
STAFF_ROLES = ("marketer", "analyst", "agent", "supervisor")


def exists(login: Login) -> bool:
    """Whether the demo was loaded with this login."""
    return User.objects.filter(email=login.email).exists()


def create(program_ids: list[int]) -> None:
    """Make the demo's users; staff roles in every program, partner logins in the program in scope."""
    for login in LOGINS:
        realm = Realm.PARTNER if login.partner else Realm.STAFF
        user = User.objects.create_user(
            login.email,
            login.password,
            name=login.name,
            realm=realm,
            is_operator=login.role == "operator",
            language=login.language,
            timezone=login.timezone,
        )
        if login.role in STAFF_ROLES:
            for program_id in program_ids:
                roles.grant_role(user, login.role, program_id)
        if login.partner:
            roles.grant_portal(user, Partner.objects.get(code=login.partner), "administer_portal")
