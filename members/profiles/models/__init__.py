"""Who takes part, and what holds somebody back."""

from members.profiles.models.people import (
    Account,
    AccountKind,
    AccountMember,
    AttributeKind,
    Identifier,
    IdentifierKind,
    IdentifierState,
    Member,
    MemberAttribute,
    MemberStatus,
    MemberTier,
    PersonalData,
)
from members.profiles.models.restraints import Block, ContactChange

__all__ = [
    "Account",
    "AccountKind",
    "AccountMember",
    "AttributeKind",
    "Block",
    "ContactChange",
    "Identifier",
    "IdentifierKind",
    "IdentifierState",
    "Member",
    "MemberAttribute",
    "MemberStatus",
    "MemberTier",
    "PersonalData",
]
