"""The kernel's tables: users and keys, the audit trail, the outbox, jobs, files, answers kept for repeats."""

from loyalty.kernel.models.audit import AuditRecord
from loyalty.kernel.models.base import (
    ProgramForeignKey,
    ProgramModel,
    PublicId,
    ScopedManager,
    SharedModel,
    public_id,
    recorded_at,
)
from loyalty.kernel.models.factors import RecoveryCode, SecondFactor, SignIn, SignInTries
from loyalty.kernel.models.files import StoredFile
from loyalty.kernel.models.idempotency import StoredAnswer
from loyalty.kernel.models.jobs import Job
from loyalty.kernel.models.keys import ApiKey
from loyalty.kernel.models.lookups import AnyOf
from loyalty.kernel.models.outbox import OutboxEvent
from loyalty.kernel.models.proposals import Proposal
from loyalty.kernel.models.rates import RateWindow
from loyalty.kernel.models.rights import RoleRule
from loyalty.kernel.models.seals import AuditSeal
from loyalty.kernel.models.users import User

__all__ = [
    "AnyOf",
    "ApiKey",
    "AuditRecord",
    "AuditSeal",
    "Job",
    "OutboxEvent",
    "ProgramForeignKey",
    "ProgramModel",
    "Proposal",
    "PublicId",
    "RateWindow",
    "RecoveryCode",
    "RoleRule",
    "ScopedManager",
    "SecondFactor",
    "SharedModel",
    "SignIn",
    "SignInTries",
    "StoredAnswer",
    "StoredFile",
    "User",
    "public_id",
    "recorded_at",
]
