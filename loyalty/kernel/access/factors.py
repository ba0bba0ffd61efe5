"""The second factor: codes of an app on a phone by RFC 6238, and codes on paper for the day the phone is lost."""

import base64
import hmac
import io
import secrets

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe

from loyalty.kernel import audit, clock, scope, secrecy
from loyalty.kernel.access import lockout, rights, roles
from loyalty.kernel.errors import Refusal
from loyalty.kernel.models import RecoveryCode, SecondFactor, User
from loyalty.kernel.models.users import Realm

ISSUER = "Loyalty"
STEP = 30
DIGITS = 6
SECRET_BYTES = 20
CODES = 10
# Without signs that look alike.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12
PARTNER = "partner"
OPERATOR = "operator"


class CodeRefused(Refusal):
    """The code is wrong, old or was used."""

    code = "sign_in.code_refused"


class FactorDemanded(Refusal):
    """Who must use a second factor cannot turn it off."""

    code = "sign_in.factor_demanded"


def begin(user: User) -> str:
    """Make a secret that counts for nothing until :func:`confirm`; the same one until then. Base32, for typing.

    A factor in force is kept: turn it off first.
    """
    assert user.second_factor_at is None, "the user has a second factor"
    fresh = secrets.token_bytes(SECRET_BYTES)
    factor, _is_new = SecondFactor.objects.get_or_create(
        user=user, defaults={"sealed": secrecy.seal_for(base64.b32encode(fresh).decode(), _purpose(user))}
    )
    return secrecy.unseal_for(bytes(factor.sealed), _purpose(user))


def picture(user: User, secret: str) -> SafeString:
    """The secret as a QR code for the app, drawn here: an SVG without its size."""
    address = TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP).get_provisioning_uri(user.email, ISSUER)
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=3, dark="#000", light="#fff"
    )
    return mark_safe(drawn.getvalue().decode())


def confirm(user: User, code: str) -> list[str]:
    """Put the begun factor into force with a first code of the app; gives the recovery codes, shown once.

    :raises CodeRefused: the code does not fit, or there is nothing to confirm.
    :raises TooManyTries: wait.
    """
    tries = _tries(user)
    lockout.take(tries)
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if locked.second_factor_at is not None or not _take_code(user, code):
            raise CodeRefused()
        locked.second_factor_at = user.second_factor_at = clock.now()
        locked.save(update_fields=["second_factor_at"])
        codes = _new_codes(user)
        record(user, "second_factor_set")
    lockout.forget(tries)
    return codes


def check(user: User, code: str) -> None:
    """Take a code of the app or one on paper; neither is taken twice.

    :raises CodeRefused: it does not fit.
    :raises TooManyTries: wait.
    """
    assert user.second_factor_at is not None, "the user has no second factor"
    tries = _tries(user)
    lockout.take(tries)
    if not _take_code(user, code):
        if not _take_recovery_code(user, code):
            raise CodeRefused()
        record(user, "recovery_code_used")
    lockout.forget(tries)


def renew_codes(user: User) -> list[str]:
    """New recovery codes; the ones before open nothing any more."""
    assert user.second_factor_at is not None, "the user has no second factor"
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        codes = _new_codes(user)
        record(user, "recovery_codes_made")
    return codes


def turn_off(user: User) -> None:
    """The password alone opens again.

    :raises FactorDemanded: the user's role asks for one.
    """
    if is_demanded(user):
        raise FactorDemanded()
    with transaction.atomic():
        _remove(user)
        record(user, "second_factor_removed")


def take_away(user: User) -> None:
    """For a lost phone, by whoever runs the platform: the user sets up a new factor at the next sign-in."""
    with transaction.atomic():
        _remove(user)
        audit.record("user.second_factor_removed", user)


def codes_left(user: User) -> int:
    """How many recovery codes were not used yet."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def is_demanded(user: User) -> bool:
    """Whether the user, or a role of theirs, must have a second factor: by ``SECOND_FACTOR_OF`` or by the
    rules of a program."""
    if user.needs_second_factor:
        return True
    asked = frozenset(settings.SECOND_FACTOR_OF)
    if user.realm == Realm.PARTNER:
        return PARTNER in asked
    # An operator's roles, if there are any, open nothing.
    if user.is_operator:
        return OPERATOR in asked
    held = roles.held_by(user)
    return any(role in asked for _program, role in held) or bool(held & rights.with_second_factor(held))


def is_missing(user: User) -> bool:
    """Whether the user must have a second factor and has none."""
    return user.second_factor_at is None and is_demanded(user)


def record(user: User, deed: str) -> None:
    """Write down what a user did about the own sign-in: in their first program, else in the platform's trail."""
    programs = roles.programs_of(user)[:1]
    actor = scope.Actor(kind="user", id=user.pk, label=str(user))
    with scope.enter(programs, actor, is_operator=not programs):
        audit.record(f"user.{deed}", user)


def code_at(secret: str, seconds: float) -> str:
    """The code that the app shows at an instant (seconds since 1970)."""
    return HOTP(base64.b32decode(secret), DIGITS, SHA1()).generate(int(seconds) // STEP).decode()


def _take_code(user: User, code: str) -> bool:
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        return False
    secret = secrecy.unseal_for(bytes(factor.sealed), _purpose(user))
    typed = "".join(code.split())
    present = int(clock.now().timestamp()) // STEP
    # A phone's clock may be half a minute off.
    fitting = [
        step for step in (present - 1, present, present + 1)
        if typed.isascii() and hmac.compare_digest(code_at(secret, step * STEP), typed)
    ]  # fmt: skip
    # The condition makes one of two at once the loser, and a code that was read over a shoulder worthless.
    return bool(fitting) and bool(
        SecondFactor.objects.filter(user=user, last_step__lt=fitting[0]).update(last_step=fitting[0])
    )


def _take_recovery_code(user: User, code: str) -> bool:
    free = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at__isnull=True)
    return bool(free.update(used_at=clock.now()))


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH)) for _number in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def _remove(user: User) -> None:
    RecoveryCode.objects.filter(user=user).delete()
    SecondFactor.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(second_factor_at=None)
    user.second_factor_at = None


def _digest(user: User, code: str) -> bytes:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return secrecy.keyed_hash(f"{user.pk}:{plain}".encode(), "recovery-code")


def _purpose(user: User) -> str:
    return f"second-factor:{user.pk}"


def _tries(user: User) -> str:
    return f"code:{user.pk}"
