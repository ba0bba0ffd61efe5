"""Use cases of promotions: writing a draft, having it looked at, putting it in force, stopping it."""

from programs.promotions.services.publishing import (
    EndsBeforeItStarts,
    NotRunning,
    freeze_settings,
    publish_version,
    resume_promotion,
    stop_promotion,
)
from programs.promotions.services.reviewing import (
    NeedsApproval,
    NotInReview,
    OwnWork,
    approve_version,
    return_version,
    submit_version,
)
from programs.promotions.services.writing import (
    ChangedMeanwhile,
    EffectNotOffered,
    NotADraft,
    begin_promotion,
    check_document,
    discard_draft,
    document_hash,
    problems_of,
    save_draft,
    undo_draft,
    write_promotion,
)

__all__ = [
    "ChangedMeanwhile",
    "EffectNotOffered",
    "EndsBeforeItStarts",
    "NeedsApproval",
    "NotADraft",
    "NotInReview",
    "NotRunning",
    "OwnWork",
    "approve_version",
    "begin_promotion",
    "check_document",
    "discard_draft",
    "document_hash",
    "freeze_settings",
    "problems_of",
    "publish_version",
    "resume_promotion",
    "return_version",
    "save_draft",
    "stop_promotion",
    "submit_version",
    "undo_draft",
    "write_promotion",
]
