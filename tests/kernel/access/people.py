"""People at the doors: signing in step by step, with a phone that shows codes."""

from django.test import Client

from loyalty.kernel import clock
from loyalty.kernel.access import factors
from loyalty.kernel.models import SecondFactor, User
from tests.browser.people import PASSWORD


def give_factor(user: User) -> tuple[str, list[str]]:
    """Set up a second factor; gives its secret and the recovery codes. The code of this half minute stays free."""
    secret = factors.begin(user)
    codes = factors.confirm(user, factors.code_at(secret, clock.now().timestamp()))
    SecondFactor.objects.filter(user=user).update(last_step=0)
    return secret, codes


def code_of(secret: str) -> str:
    """What the phone shows now."""
    return factors.code_at(secret, clock.now().timestamp())


def wrong_code(secret: str) -> str:
    """Six digits that the phone shows neither now nor around now."""
    near = {factors.code_at(secret, clock.now().timestamp() + 30 * steps) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in near)


def send_password(client: Client, user: User, door: str = "/admin/login/", password: str = PASSWORD):
    """The first step of signing in."""
    return client.post(door, {"username": user.email, "password": password})
