"""Rewards over HTTP."""

from rewards.redemption.api.views import CancellationView, RedemptionsView, RewardsView

__all__ = ["CancellationView", "RedemptionsView", "RewardsView"]
