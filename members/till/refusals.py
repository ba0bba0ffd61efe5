"""What a till is told when a step does not fit where its basket stands."""

from loyalty.kernel.errors import Refusal


class InvalidState(Refusal):
    """The basket is not where this step begins."""

    code = "till.invalid_state"
    status = 409


class ReservationExpired(Refusal):
    """The time of the reserved points is over."""

    code = "till.reservation_expired"
    status = 409


class NothingToRefund(Refusal):
    """Everything was returned before."""

    code = "till.nothing_to_refund"
    status = 409


class DayClosed(Refusal):
    """A receipt is voided on its own day only; later it is refunded."""

    code = "till.day_closed"
    status = 409


class OfflinePointsRefused(Refusal):
    """Points were taken without a line beyond what the program allows, or without a good note of the balance."""

    code = "till.offline_burn_not_allowed"


class TooOld(Refusal):
    """It comes too late to be taken in by itself: a person decides on the member's claim."""

    code = "till.too_old"


class NotYet(Refusal):
    """It cannot be done yet and may be sent again: the sale is not known yet, or rules and history did not come in time."""

    code = "till.not_yet"
    status = 409
    retry_after = 60
