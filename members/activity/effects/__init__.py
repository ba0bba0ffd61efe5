"""What promotions grant beside points: carried out with the purchase, undone with its returns."""

from members.activity.effects.carrying import carry_out, changes_members, take_back, withdrawn_now

__all__ = ["carry_out", "changes_members", "take_back", "withdrawn_now"]
