"""Reads of simulations, within the program in scope."""

import uuid

from django.db.models import QuerySet

from loyalty.kernel.errors import NotFound
from members.whatif.models import Simulation
from programs.promotions.models import Promotion


def simulation(public_id: uuid.UUID) -> Simulation:
    """One simulation with its promotion and job.

    :raises NotFound: none here.
    """
    found: Simulation | None = _all().filter(public_id=public_id).first()
    if found is None:
        raise NotFound()
    return found


def simulations_of(promotion: Promotion) -> "QuerySet[Simulation]":
    """The simulations of a promotion, the newest first, without their figures."""
    return _all().filter(promotion=promotion).defer("result", "document").order_by("-pk")


def _all() -> "QuerySet[Simulation]":
    return Simulation.objects.select_related("promotion", "job", "requested_by")
