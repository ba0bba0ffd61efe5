"""What is wrong with a file's purchases, found set by set: every cell that makes no sense, and what this program does not know.

Works on the tables of :mod:`members.files.staging`. A purchase of which one cell is wrong is left out as a whole.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from loyalty.kernel import money
from members.activity.intake import MOST_LINES, MOST_QUANTITY
from members.activity.models import Purchase, Received
from members.activity.serializers.purchase import MOST_CATEGORIES, MOST_COUPONS, QUANTITY_DECIMALS
from members.files import layout
from members.files.models import FileReject, PurchaseFile
from members.profiles import queries as profiles
from programs.catalog import queries as catalog
from programs.catalog.models import Product
from programs.setup import terms
from programs.setup.models import CurrencyRate, Program

_MEMBERS_A_PART = 10_000
_NOTHING = "'{}'::jsonb"


def check(file: PurchaseFile, program: Program, now: datetime, columns: Sequence[str]) -> None:
    """Find what is wrong, and leave it in ``intake_reject``; set who bought, and what is in the books already.

    :param columns: those of the staged lines: the others are empty in all of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE intake_reject "
            "(line bigint, external_id text, field text, code text, facts jsonb, UNIQUE (line, field))"
        )
        _check_cells(cursor, columns)
        _check_purchases(cursor, columns)
        mark_known(cursor, file)
        mark_members(cursor)
        _check_members(cursor)
        _check_places(cursor, file)
        _check_terms(cursor, program, now)
        if terms.nearest(terms.UNKNOWN_ARTICLES, program) != "accept" and catalog.is_kept():
            _check_articles(cursor, columns)
        cursor.execute(
            "UPDATE pg_temp.intake_purchase p SET is_rejected = true FROM pg_temp.intake_reject r "
            "WHERE r.external_id = p.external_id"
        )


def _add(cursor: Any, select: str, values: Any = None) -> None:
    """Keep the first thing that is wrong with each cell."""
    cursor.execute(f"INSERT INTO pg_temp.intake_reject {select} ON CONFLICT (line, field) DO NOTHING", values)


def _cell(name: str, columns: Sequence[str], of: str = "") -> str:
    """A cell of a line in SQL."""
    return f"{of}{name}" if name in columns else "''"


def _check_cells(cursor: Any, columns: Sequence[str]) -> None:
    found: list[tuple[str, str, str]] = []
    for column in layout.COLUMNS.values():
        if column.is_needed:
            found.append((column.name, "required", f"{column.name} = ''"))
        # Bytes are known without being read, and no fewer than letters.
        longer = f"octet_length({column.name}) > {column.longest} AND length({column.name}) > {column.longest}"
        found.append((column.name, "too_long", longer))
    found += [
        ("at", "not_an_instant", "at <> '' AND instant IS NULL"),
        ("at", "out_of_range", "extract(year FROM instant AT TIME ZONE 'UTC') NOT BETWEEN 1900 AND 2200"),
        ("member_kind", "not_a_choice", f"member_kind <> ALL (ARRAY[{', '.join(map(repr, profiles.KINDS))}])"),
        (
            "amount",
            "required",
            f"{_cell('amount', columns)} = '' AND {_cell('unit_price', columns)} = ''",
        ),
        ("coupons", "too_many", f"array_length(string_to_array(coupons, '{layout.MANY}'), 1) > {MOST_COUPONS}"),
        (
            "categories",
            "too_many",
            f"array_length(string_to_array(categories, '{layout.MANY}'), 1) > {MOST_CATEGORIES}",
        ),
    ]
    # Money has the decimals of its line's currency.
    decimals = {**dict.fromkeys(layout.MONEY, "places"), "qty": QUANTITY_DECIMALS, "tax_rate": 2}
    most = {"qty": MOST_QUANTITY, "tax_rate": 100}
    for name, places in decimals.items():
        found += [
            (name, "not_a_number", f"{name} <> '' AND {name}_n IS NULL"),
            (name, "too_many_decimals", f"scale(trim_scale({name}_n)) > {places}"),
            (name, "out_of_range", f"{name}_n < 0" + (f" OR {name}_n > {most[name]}" if name in most else "")),
        ]
    about_paid = [
        ("discount", "out_of_range", "paid < 0"),
        ("unit_price", "out_of_range", f"paid * 10 ^ places::numeric > {money.LARGEST}"),
    ]
    # Of what a line costs something is said whatever says it; of a column that nobody wrote there is nothing to say.
    wrong = [one for one in found if one[0] in columns or one[1] == "required"] + about_paid
    cases = ", ".join(f"({place}, '{name}', '{code}', {test})" for place, (name, code, test) in enumerate(wrong))
    # Most lines are right: what is wrong with one is asked of the others alone.
    anything = " OR ".join(f"({test})" for _name, _code, test in wrong)
    _add(
        cursor,
        f"""SELECT DISTINCT ON (line, field) line, external_id, field, code, {_NOTHING}
        FROM (SELECT * FROM pg_temp.intake_line WHERE {anything} OFFSET 0) wrong,
        LATERAL (VALUES {cases}) AS test (place, field, code, is_wrong)
        WHERE is_wrong ORDER BY line, field, place""",
    )


def _check_purchases(cursor: Any, columns: Sequence[str]) -> None:
    """The lines of one receipt say the same of it, have ids of their own, and are not too many."""
    shared = [column.name for column in layout.OF_PURCHASE if column.name in columns]
    differing = ", ".join(f"('{name}', l.{name} <> first.{name})" for name in shared)
    one, other = (", ".join(f"{side}.{name}" for name in shared) for side in ("l", "first"))
    _add(
        cursor,
        f"""SELECT l.line, l.external_id, field, 'files.differs',
               jsonb_build_object('line', first.line)
        FROM pg_temp.intake_purchase p
        JOIN pg_temp.intake_line first ON first.line = p.first_line
        JOIN pg_temp.intake_line l
          ON l.external_id = p.external_id AND l.line > p.first_line AND ({one}) <> ({other}),
        LATERAL (VALUES {differing}) AS test (field, is_wrong)
        WHERE p.lines > 1 AND is_wrong""",
    )
    if "line_id" in columns:
        # A line without a name is known by its number, which may be the name of another: of few receipts it has to be asked.
        _add(
            cursor,
            f"""SELECT line, external_id, 'line_id', 'line_id_twice', {_NOTHING} FROM (
              SELECT line, external_id, row_number() OVER (PARTITION BY external_id, line_id ORDER BY line) AS time
              FROM (
                SELECT line, external_id, coalesce(
                  nullif(line_id, ''), row_number() OVER (PARTITION BY external_id ORDER BY line)::text) AS line_id
                FROM pg_temp.intake_line JOIN (
                  SELECT external_id FROM pg_temp.intake_line
                  GROUP BY external_id HAVING count(DISTINCT nullif(line_id, '')) < count(*)
                ) doubtful USING (external_id)
              ) named
            ) counted WHERE time > 1""",
        )
    _add(
        cursor,
        f"""SELECT first_line, external_id, 'line_id', 'too_many', {_NOTHING}
        FROM pg_temp.intake_purchase WHERE lines > %s""",
        [MOST_LINES],
    )


def mark_known(cursor: Any, file: PurchaseFile) -> None:
    """Mark what the books hold already: a repeat is no purchase that could be too old or of an unknown article."""
    cursor.execute(
        f"""UPDATE pg_temp.intake_purchase p SET is_known = true FROM "{Received._meta.db_table}" r
        WHERE r.program_id = %s AND r.source = %s AND r.kind = 'purchase' AND r.external_id = p.external_id""",
        [file.program_id, file.source],
    )


def mark_members(cursor: Any) -> None:
    """Find out whose purchases they are. Every way of naming a member is asked for once."""
    cursor.execute("CREATE TEMPORARY TABLE intake_member (member_kind text, member text, id bigint, is_active boolean)")
    cursor.execute("SELECT DISTINCT member_kind, member FROM pg_temp.intake_purchase")
    pairs = cursor.fetchall()
    for start in range(0, len(pairs), _MEMBERS_A_PART):
        found = profiles.identify_each(pairs[start : start + _MEMBERS_A_PART])
        with cursor.cursor.copy("COPY pg_temp.intake_member FROM STDIN") as copy:
            for pair, who in found.items():
                copy.write_row((*pair, *who))
    cursor.execute("ANALYZE pg_temp.intake_member")
    cursor.execute(
        """UPDATE pg_temp.intake_purchase p SET member_id = m.id FROM pg_temp.intake_member m
        WHERE m.member_kind = p.member_kind AND m.member = p.member"""
    )


def _check_members(cursor: Any) -> None:
    known = ", ".join(profiles.KINDS)
    _add(
        cursor,
        """SELECT first_line, external_id, 'member', 'members.unknown', jsonb_build_object('known', %s::text)
        FROM pg_temp.intake_purchase WHERE member_id IS NULL""",
        [known],
    )
    _add(
        cursor,
        f"""SELECT p.first_line, p.external_id, 'member', 'activity.member_blocked', {_NOTHING}
        FROM pg_temp.intake_purchase p
        JOIN pg_temp.intake_member m ON m.member_kind = p.member_kind AND m.member = p.member
        WHERE NOT m.is_active AND NOT p.is_known""",
    )


def _check_places(cursor: Any, file: PurchaseFile) -> None:
    """Stores that are unknown here, or of another partner than the file's."""
    cursor.execute("SELECT DISTINCT store FROM pg_temp.intake_purchase WHERE store <> ''")
    codes = [code for (code,) in cursor.fetchall()]
    found = catalog.locations(codes)
    taken = {
        code for code, facts in found.items() if file.partner_id is None or facts.partner_id in (None, file.partner_id)
    }
    _add(
        cursor,
        """SELECT first_line, external_id, 'store', 'activity.unknown_location', jsonb_build_object('location', store)
        FROM pg_temp.intake_purchase WHERE store = ANY (%s::text[])""",
        [[code for code in codes if code not in taken]],
    )


def _check_terms(cursor: Any, program: Program, now: datetime) -> None:
    """Purchases in a currency without a rate on their day, of tomorrow, or too old."""
    _add(
        cursor,
        f"""SELECT first_line, external_id, 'currency', 'activity.currency',
               jsonb_build_object('currency', currency, 'expected', %(currency)s::text)
        FROM pg_temp.intake_purchase p WHERE currency <> %(currency)s AND NOT is_known AND NOT EXISTS (
          SELECT FROM "{CurrencyRate._meta.db_table}" r WHERE r.program_id = %(program)s AND r.currency = p.currency
            AND (p.instant IS NULL OR r.since_date <= (p.instant AT TIME ZONE %(timezone)s)::date))""",
        {"currency": program.currency, "program": program.pk, "timezone": program.timezone},
    )
    _add(
        cursor,
        """SELECT first_line, external_id, 'at', 'activity.in_the_future',
               jsonb_build_object('at', to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
        FROM pg_temp.intake_purchase WHERE instant > %s AND NOT is_known""",
        [now + settings.CLOCK_SKEW_ACCEPTED],
    )
    _add(
        cursor,
        """SELECT first_line, external_id, 'at', 'activity.too_late', jsonb_build_object(
               'at', to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'days', %s::int)
        FROM pg_temp.intake_purchase WHERE instant < %s AND NOT is_known""",
        [program.lateness_days, now - timedelta(days=program.lateness_days)],
    )


def _check_articles(cursor: Any, columns: Sequence[str]) -> None:
    _add(
        cursor,
        f"""SELECT l.line, l.external_id, 'sku', 'activity.unknown_sku', jsonb_build_object('sku', l.sku)
        FROM pg_temp.intake_line l JOIN pg_temp.intake_purchase p USING (external_id)
        WHERE {_cell("categories", columns, of="l.")} = '' AND l.sku <> '' AND NOT p.is_known
          AND NOT EXISTS (SELECT FROM "{Product._meta.db_table}" a WHERE a.sku = l.sku)""",
    )


def keep_rejects(file: PurchaseFile) -> int:
    """Write what is wrong to the file's rejects; how many purchases are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO "{FileReject._meta.db_table}" (program_id, file_id, line, external_id, field, code, facts)
            SELECT %s, %s, line, left(external_id, 120), field, code, facts FROM pg_temp.intake_reject
            ORDER BY line ON CONFLICT DO NOTHING""",
            [file.program_id, file.pk],
        )
        cursor.execute("SELECT count(*) FROM pg_temp.intake_purchase WHERE is_rejected")
        return int(cursor.fetchone()[0])


def recall_rejects(file: PurchaseFile) -> None:
    """Leave out what was left out when the file was checked, and find out anew whose purchases the others are.

    What is in the books is whose it is there, whatever became of the card since.
    """
    with connection.cursor() as cursor:
        mark_members(cursor)
        cursor.execute(
            f"""UPDATE pg_temp.intake_purchase p SET member_id = b.member_id
            FROM "{Received._meta.db_table}" r
            JOIN "{Purchase._meta.db_table}" b ON b.program_id = r.program_id AND b.id = r.fact_id
            WHERE p.member_id IS NULL AND r.program_id = %s AND r.source = %s AND r.kind = 'purchase'
              AND r.external_id = p.external_id""",
            [file.program_id, file.source],
        )
        cursor.execute(
            f"""UPDATE pg_temp.intake_purchase p SET is_rejected = true
            FROM (
              SELECT DISTINCT l.external_id FROM "{FileReject._meta.db_table}" r
              JOIN pg_temp.intake_line l USING (line) WHERE r.program_id = %s AND r.file_id = %s
            ) r WHERE r.external_id = p.external_id""",
            [file.program_id, file.pk],
        )
