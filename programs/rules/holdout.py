"""Control groups (C20)."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from programs.rules.context import MemberView

BUCKETS = 10_000


def bucket_of(salt: str, member_id: str) -> int:
    """The stable bucket (0 to 9999) of a member under a salt."""
    digest = hashlib.sha256(f"{salt}:{member_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def is_held_out(holdout: tuple[str, Decimal], member: MemberView) -> bool:
    """Is the member in the control group of (salt, percent x 100)?"""
    salt, below = holdout
    bucket = member.buckets.get(salt)
    return (bucket_of(salt, member.id) if bucket is None else bucket) < below
