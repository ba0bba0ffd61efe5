"""The draft of a promotion as it stands, ready to be judged with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from members.whatif.rulesets import Contest, contest
from programs.promotions import queries as promotions
from programs.promotions import services, snapshots
from programs.promotions.design import normal, tidied
from programs.promotions.models import Promotion, PromotionVersion


@dataclass(frozen=True, slots=True)
class Draft:
    """A promotion with its newest version; ``document`` is empty while something in it is missing."""

    promotion: Promotion
    version: PromotionVersion | None
    document: Mapping[str, Any]

    @property
    def is_whole(self) -> bool:
        """Whether it can be judged with."""
        return bool(self.document)

    def contest(self, now: datetime) -> Contest:
        """The draft against what runs at ``now``; it must be whole."""
        assert self.is_whole, "an unfinished draft judges nothing"
        return contest(snapshots.present(), self.promotion.code, dict(self.promotion.name), self.document, now)


def draft_of(code: str) -> Draft:
    """The newest version of a promotion of the program in scope.

    :raises NotFound: no such promotion here.
    """
    promotion = promotions.promotion_of(code)
    version = promotions.newest_version(promotion)
    if version is None:
        return Draft(promotion, None, {})
    document = tidied(normal(version.document))
    problems = services.problems_of({**document, "id": code})
    return Draft(promotion, version, {} if problems else document)
