"""The ledger as CSV, streamed: PostgreSQL writes the rows, nothing is held in memory."""

from collections.abc import Iterator
from datetime import datetime

from loyalty.kernel import replica

_CHUNK = 65_536
# A spreadsheet takes a cell that begins like this for a formula and runs it.
_SAFE = "CASE WHEN {0} ~ '^[=+@＝＋－＠\\t\\r\\n-]' THEN '''' || {0} ELSE {0} END"
_ROWS = f"""
COPY (
  SELECT e.public_id AS entry,
         to_char(e.effective_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS effective_at,
         to_char(e.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS occurred_at,
         to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at,
         e.kind, a.public_id AS account, t.code AS point_type, p.bucket, p.wallet_id IS NOT NULL AS is_of_member,
         round(p.amount / 10::numeric ^ t.decimals, t.decimals) AS points,
         {_SAFE.format("partner.code")} AS partner, {_SAFE.format("u.external_id")} AS receipt,
         original.public_id AS reverses, {_SAFE.format("r.code")} AS reason, {_SAFE.format("e.note")} AS note
  FROM members_entry e
  JOIN members_posting p ON p.entry_id = e.id
  JOIN members_account a ON a.id = e.account_id
  JOIN programs_point_type t ON t.id = p.point_type_id
  LEFT JOIN programs_reason_code r ON r.id = e.reason_id
  LEFT JOIN partners_partner partner ON partner.id = p.partner_id
  LEFT JOIN members_entry original ON original.id = e.reverses_id
  LEFT JOIN members_purchase u ON e.cause_kind = 'purchase' AND u.id = e.cause_id
  WHERE (%(since)s::timestamptz IS NULL OR e.effective_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR e.effective_at < %(until)s)
  ORDER BY e.id, p.id
) TO STDOUT WITH (FORMAT csv, HEADER true)
"""


def ledger_csv(*, since: datetime | None, until: datetime | None) -> Iterator[bytes]:
    """The postings of the program in scope, entries effective from ``since`` to before ``until``, in the order of entry.

    Answers chunks of UTF-8; read them within the scope, and to the end: the connection is busy until then. Texts that a
    spreadsheet would run as a formula begin with an apostrophe.
    """
    with replica.connection().cursor() as cursor, cursor.cursor.copy(_ROWS, {"since": since, "until": until}) as rows:
        waiting: list[bytes] = []
        size = 0
        for row in rows:
            waiting.append(bytes(row))
            size += len(row)
            if size >= _CHUNK:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)
