"""How often a key, or the readers of one member, asked within the present second."""

from django.db import models


class RateWindow(models.Model):
    """Requests taken in one second by one bucket. Unlogged: a crash may forget it, and writing it waits for no disk.

    No program: the row is a number beside a number, asked for before any scope is known.
    """

    bucket = models.BigIntegerField(primary_key=True)
    second = models.BigIntegerField()
    used = models.IntegerField()

    class Meta:
        db_table = "loyalty_rate_window"

    def __str__(self) -> str:
        return f"{self.bucket}: {self.used}"
