"""What every row of a program stands on: its program, its wall, its key."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import scope
from loyalty.kernel.ids import NextId


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows of the programs in scope."""


class ScopedManager(models.Manager[Any]):
    """Refuses to run without a scope and narrows every query to its programs.

    The row-level security policies stand behind it: this manager makes a forgotten scope an error instead of an empty
    list, and lets the planner see the program.
    """

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(program_id__in=scope.current().programs)


class SharedManager(models.Manager[Any]):
    """Rows of the programs in scope and those that all programs share (no program)."""

    def get_queryset(self) -> models.QuerySet[Any]:
        inside = models.Q(program_id__in=scope.current().programs) | models.Q(program_id__isnull=True)
        return super().get_queryset().filter(inside)


class ProgramForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A key to another row of the same program.

    The constraint in the database is composite, ``(program_id, <column>) -> (program_id, id)``, built by
    :class:`loyalty.kernel.walls.BuildWalls`: a row can never point across the wall, whoever writes it.

    :param is_judged_together: a trigger judges all rows of a statement at once instead, and locks none of the rows that they
        name: for rows that are written by the ten thousand and name what is never deleted.
    """

    def __init__(
        self, to: Any, on_delete: Any = models.PROTECT, *, is_judged_together: bool = False, **kwargs: Any
    ) -> None:
        kwargs.setdefault("db_constraint", False)
        self.is_judged_together = is_judged_together
        super().__init__(to, on_delete, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, **({"is_judged_together": True} if self.is_judged_together else {})}


class ProgramModel(models.Model):
    """A row behind the wall of one program."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId(), editable=False)
    # No index of its own: UNIQUE(program_id, id) of the wall serves. With a second one, a plan made while the table was
    # small reads all rows of the program to check one key.
    program = models.ForeignKey(
        "programs_setup.Program", models.PROTECT, editable=False, related_name="+", db_index=False
    )

    objects: ClassVar[models.Manager[Any]] = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.program_id is None:
            self.program_id = scope.program_id()
        super().save(*args, **kwargs)

    @classmethod
    def in_program(cls, **values: Any) -> Self:
        """An unsaved row of the program in scope."""
        return cls(program_id=scope.program_id(), **values)


class SharedModel(models.Model):
    """A row of one program, or of none: read by all programs then, written by the operator only."""

    id = models.BigIntegerField(primary_key=True, db_default=NextId(), editable=False)
    program = models.ForeignKey(
        "programs_setup.Program",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )

    objects: ClassVar[models.Manager[Any]] = SharedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"


class PublicId(models.Func):
    """UUIDv7, made by PostgreSQL 18: what leaves the system carries it, never the key."""

    function = "uuidv7"
    template = "%(function)s()"
    output_field = models.UUIDField()


def public_id() -> models.UUIDField:
    """The column of a row that outsiders may name."""
    return models.UUIDField(_("public number"), db_default=PublicId(), unique=True, editable=False)


def recorded_at() -> models.DateTimeField:
    """When the database learned of the row: its own clock, never the caller's."""
    return models.DateTimeField(_("recorded"), db_default=Now(), editable=False)
