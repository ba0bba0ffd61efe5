"""The invariants of the ledger as questions to the database: each answers with the rows that break it.

The numbers are those of the product's list of invariants (docs/ledger.md). Every query reads all programs that the
connection may see: the auditor's role sees all, the product's role what is in scope.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.utils.translation import gettext_lazy as _

from loyalty.kernel import clock, telemetry


@dataclass(frozen=True, slots=True)
class Invariant:
    """A statement that always holds; ``sql`` selects (program, wallet or nothing, facts as jsonb) where it does not."""

    code: str
    statement: Any
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where an invariant is broken."""

    code: str
    program_id: int
    wallet_id: int | None
    facts: dict[str, Any]


INVARIANTS = (
    Invariant(
        "L01",
        _("the postings of an entry sum to zero per point type"),
        """SELECT program_id, NULL::bigint, jsonb_build_object('entry', entry_id, 'sum', sum(amount))
           FROM members_posting GROUP BY program_id, entry_id, point_type_id HAVING sum(amount) <> 0""",
    ),
    Invariant(
        "L04",
        _("issued and adjusted points equal active, pending, reserved, spent, expired and written off less debt"),
        """SELECT program_id, NULL::bigint, jsonb_build_object('point_type', point_type_id, 'sum', sum(amount))
           FROM members_posting GROUP BY program_id, point_type_id HAVING sum(amount) <> 0""",
    ),
    Invariant(
        "L08",
        _("a wallet's buckets equal the sums of its postings"),
        """SELECT w.program_id, w.id, jsonb_build_object('wallet', jsonb_build_array(w.active, w.pending, w.reserved, w.debt),
                  'postings', jsonb_build_array(coalesce(p.active, 0), coalesce(p.pending, 0), coalesce(p.reserved, 0),
                                                coalesce(p.debt, 0)))
           FROM members_wallet w LEFT JOIN (
             SELECT wallet_id, sum(amount) FILTER (WHERE bucket = 'active') AS active,
                    sum(amount) FILTER (WHERE bucket = 'pending') AS pending,
                    sum(amount) FILTER (WHERE bucket = 'reserved') AS reserved,
                    -sum(amount) FILTER (WHERE bucket = 'debt') AS debt
             FROM members_posting WHERE wallet_id IS NOT NULL GROUP BY wallet_id
           ) p ON p.wallet_id = w.id
           WHERE (w.active, w.pending, w.reserved, w.debt)
              IS DISTINCT FROM (coalesce(p.active, 0), coalesce(p.pending, 0), coalesce(p.reserved, 0), coalesce(p.debt, 0))""",
    ),
    Invariant(
        "L09",
        _("a wallet's version is the number of entries that touched it"),
        """SELECT w.program_id, w.id, jsonb_build_object('version', w.version, 'entries', coalesce(p.entries, 0))
           FROM members_wallet w LEFT JOIN (
             SELECT wallet_id, count(DISTINCT entry_id) AS entries FROM members_posting
             WHERE wallet_id IS NOT NULL GROUP BY wallet_id
           ) p ON p.wallet_id = w.id WHERE w.version <> coalesce(p.entries, 0)""",
    ),
    Invariant(
        "L11",
        _("open lots hold what the wallet has: active, and pending apart; what is reserved was taken from its lots"),
        """SELECT w.program_id, w.id, jsonb_build_object('active', w.active, 'active_lots', coalesce(l.active, 0),
                  'pending', w.pending, 'pending_lots', coalesce(l.pending, 0))
           FROM members_wallet w LEFT JOIN (
             SELECT wallet_id, sum(remaining) FILTER (WHERE NOT is_pending) AS active,
                    sum(remaining) FILTER (WHERE is_pending) AS pending
             FROM members_lot WHERE is_open GROUP BY wallet_id
           ) l ON l.wallet_id = w.id
           WHERE (w.active, w.pending) IS DISTINCT FROM (coalesce(l.active, 0), coalesce(l.pending, 0))""",
    ),
    Invariant(
        "L12",
        _("the days a wallet earned on sum to what it was given less what returns took back"),
        """SELECT w.program_id, w.id, jsonb_build_object('days', coalesce(d.amount, 0),
                  'given', coalesce(g.amount, 0), 'taken_back', coalesce(r.amount, 0))
           FROM members_wallet w
           LEFT JOIN (SELECT wallet_id, sum(amount) AS amount FROM members_earned_day GROUP BY wallet_id) d
             ON d.wallet_id = w.id
           LEFT JOIN (
             SELECT l.wallet_id, sum(l.amount) AS amount FROM members_lot l
             JOIN members_entry e ON e.id = l.entry_id AND e.kind IN ('earn', 'adjust') GROUP BY l.wallet_id
           ) g ON g.wallet_id = w.id
           LEFT JOIN (
             SELECT e.account_id, p.point_type_id, sum(p.amount) AS amount FROM members_posting p
             JOIN members_entry e ON e.id = p.entry_id AND e.kind = 'reverse'
             WHERE p.bucket = 'issued' GROUP BY e.account_id, p.point_type_id
           ) r ON r.account_id = w.account_id AND r.point_type_id = w.point_type_id
           WHERE coalesce(d.amount, 0) <> coalesce(g.amount, 0) - coalesce(r.amount, 0)""",
    ),
    Invariant(
        "L13",
        _("a lot's remainder is its amount less its uses"),
        """SELECT l.program_id, l.wallet_id, jsonb_build_object('lot', l.id, 'remaining', l.remaining, 'amount', l.amount,
                  'used', coalesce(u.used, 0))
           FROM members_lot l LEFT JOIN (SELECT lot_id, sum(amount) AS used FROM members_lot_use GROUP BY lot_id) u
             ON u.lot_id = l.id WHERE l.remaining <> l.amount - coalesce(u.used, 0)""",
    ),
    Invariant(
        "L15",
        _("an entry of expiry takes only lots whose end had come"),
        """SELECT e.program_id, l.wallet_id, jsonb_build_object('lot', l.id, 'expires_at', l.expires_at)
           FROM members_lot_use u JOIN members_entry e ON e.id = u.entry_id JOIN members_lot l ON l.id = u.lot_id
           WHERE e.kind = 'expire' AND (l.expires_at IS NULL OR l.expires_at > e.effective_at)
             AND NOT EXISTS (SELECT FROM members_lot_end m
                             WHERE m.lot_id = l.id AND m.entry_id > e.id AND m.before <= e.effective_at)""",
    ),
    Invariant(
        "L17",
        _("nothing is spent or held from a lot after its end; what was held before may be taken"),
        """SELECT e.program_id, l.wallet_id, jsonb_build_object('lot', l.id, 'entry', e.id)
           FROM members_lot_use u JOIN members_entry e ON e.id = u.entry_id JOIN members_lot l ON l.id = u.lot_id
           WHERE e.kind IN ('redeem', 'hold') AND u.amount > 0 AND l.expires_at <= e.occurred_at
             AND NOT EXISTS (SELECT FROM members_hold h WHERE h.capture_entry_id = e.id AND h.held_at < l.expires_at)
           UNION ALL
           SELECT e.program_id, l.wallet_id, jsonb_build_object('lot', l.id, 'entry', e.id)
           FROM members_lot_end m JOIN members_lot l ON l.id = m.lot_id JOIN members_lot_use u ON u.lot_id = m.lot_id
           JOIN members_entry e ON e.id = u.entry_id
           WHERE e.kind IN ('redeem', 'hold') AND u.amount > 0 AND m.entry_id > e.id
             AND m.before <= e.occurred_at AND l.expires_at > e.occurred_at
             AND NOT EXISTS (SELECT FROM members_hold h WHERE h.capture_entry_id = e.id AND h.held_at < m.before)""",
    ),
    Invariant(
        "L19",
        _("what an entry credits to wallets equals the lots that it opened, less debt repaid and lots given back"),
        """SELECT e.program_id, NULL::bigint, jsonb_build_object('entry', e.id, 'credited', p.credited, 'lots', l.lots)
           FROM members_entry e
           JOIN (SELECT entry_id, -sum(amount) AS credited FROM members_posting WHERE bucket = 'issued' GROUP BY entry_id) p
             ON p.entry_id = e.id
           LEFT JOIN (SELECT entry_id, sum(amount) AS lots FROM members_lot GROUP BY entry_id) l ON l.entry_id = e.id
           WHERE e.kind = 'earn' AND p.credited <> coalesce(l.lots, 0)""",
    ),
    Invariant(
        "L21",
        _("what a wallet has reserved is what its open holds hold"),
        """SELECT w.program_id, w.id, jsonb_build_object('reserved', w.reserved, 'held', coalesce(h.held, 0))
           FROM members_wallet w LEFT JOIN (
             SELECT wallet_id, sum(amount) AS held FROM members_hold WHERE state = 'open' GROUP BY wallet_id
           ) h ON h.wallet_id = w.id WHERE w.reserved <> coalesce(h.held, 0)""",
    ),
    Invariant(
        "L22",
        _(
            "a hold took from lots what it holds, and whatever ended it gave back all of it and spent what was taken of it"
        ),
        """SELECT h.program_id, h.wallet_id, jsonb_build_object('hold', h.id, 'state', h.state, 'held', coalesce(t.held, 0),
                  'given_back', coalesce(t.back, 0), 'spent', coalesce(t.spent, 0))
           FROM members_hold h CROSS JOIN LATERAL (
             SELECT sum(u.amount) FILTER (WHERE u.entry_id = h.entry_id) AS held,
                    -sum(u.amount) FILTER (WHERE u.entry_id = h.release_entry_id) AS back,
                    sum(u.amount) FILTER (WHERE u.entry_id = h.capture_entry_id) AS spent
             FROM members_lot_use u WHERE u.entry_id IN (h.entry_id, h.release_entry_id, h.capture_entry_id)
           ) t
           WHERE h.amount <> coalesce(t.held, 0) OR h.captured <> coalesce(t.spent, 0)
              OR coalesce(t.back, 0) <> CASE WHEN h.state = 'open' THEN 0 ELSE h.amount END""",
    ),
    Invariant(
        "L23",
        _("no hold stays open a quarter of an hour after its time"),
        """SELECT program_id, wallet_id, jsonb_build_object('hold', id, 'until', expires_at)
           FROM members_hold WHERE state = 'open' AND expires_at < $NOW - interval '15 minutes'""",
    ),
    Invariant(
        "L25",
        _(
            "a debt beyond the credit of the account and its tiers comes from a return, or from what a till without a line gave"
        ),
        """SELECT w.program_id, w.id, jsonb_build_object('debt', w.debt, 'limit', w.credit_limit)
           FROM members_wallet w
           WHERE w.debt > greatest(w.credit_limit, (
             SELECT max(c."limit") FROM members_tier_credit c JOIN members_member_tier t ON t.tier_id = c.tier_id
             JOIN members_account_member m ON m.member_id = t.member_id
             WHERE m.account_id = w.account_id AND c.point_type_id = w.point_type_id
           )) AND NOT EXISTS (
             SELECT FROM members_posting p JOIN members_entry e ON e.id = p.entry_id
             WHERE p.wallet_id = w.id AND p.bucket = 'debt'
               AND (e.kind IN ('reverse', 'refund') OR (e.kind = 'redeem' AND e.cause_kind = 'payment')))""",
    ),
    Invariant(
        "L29",
        _("returns take back no more than was earned"),
        """SELECT e.program_id, NULL::bigint, jsonb_build_object('entry', e.id, 'earned', earned.amount, 'reversed', back.amount)
           FROM members_entry e
           JOIN (SELECT entry_id, point_type_id, -sum(amount) AS amount FROM members_posting
                 WHERE bucket = 'issued' GROUP BY entry_id, point_type_id) earned ON earned.entry_id = e.id
           JOIN (SELECT r.reverses_id, p.point_type_id, sum(p.amount) AS amount
                 FROM members_entry r JOIN members_posting p ON p.entry_id = r.id
                 WHERE r.kind = 'reverse' AND p.bucket = 'issued' GROUP BY r.reverses_id, p.point_type_id) back
             ON back.reverses_id = e.id AND back.point_type_id = earned.point_type_id
           WHERE back.amount > earned.amount""",
    ),
    Invariant(
        "L33",
        _("a purchase earns by one entry at most"),
        """SELECT program_id, NULL::bigint, jsonb_build_object('purchase', cause_id, 'entries', count(*))
           FROM members_entry WHERE kind = 'earn' AND cause_kind = 'purchase'
           GROUP BY program_id, cause_id HAVING count(*) > 1""",
    ),
    Invariant(
        "L38",
        _("a limit's counter is the sum of its uses"),
        """SELECT c.program_id, NULL::bigint, jsonb_build_object('limit', c."limit", 'used', c.used, 'uses', coalesce(u.used, 0))
           FROM programs_limit_counter c LEFT JOIN (
             SELECT counter_id, sum(amount) AS used FROM programs_limit_use GROUP BY counter_id
           ) u ON u.counter_id = c.id WHERE c.used <> coalesce(u.used, 0)""",
    ),
    Invariant(
        "L44",
        _("the times of a member's tiers in one scheme do not overlap"),
        """SELECT a.program_id, NULL::bigint, jsonb_build_object('member', a.member_id)
           FROM members_member_tier a JOIN members_member_tier b
             ON a.member_id = b.member_id AND a.scheme_id = b.scheme_id AND a.id < b.id
           WHERE tstzrange(a.since_at, a.ended_at) && tstzrange(b.since_at, b.ended_at)""",
    ),
    Invariant(
        "L50",
        _("the points of a purchase's outcome are the points of its entry"),
        """SELECT v.program_id, NULL::bigint,
                  jsonb_build_object('purchase', v.purchase_id, 'outcome', o.points, 'entry', e.points)
           FROM members_evaluation v
           CROSS JOIN LATERAL (SELECT coalesce(sum((g->>'amount')::bigint), 0) AS points
                               FROM jsonb_array_elements(v.outcome->'grants') g) o
           LEFT JOIN LATERAL (SELECT coalesce(-sum(p.amount), 0) AS points
                              FROM members_entry n JOIN members_posting p ON p.entry_id = n.id
                              WHERE n.program_id = v.program_id AND n.kind = 'earn'
                                AND n.request_key = 'purchase:' || v.purchase_id AND p.bucket = 'issued') e ON true
           WHERE v.kind = 'purchase' AND o.points <> e.points""",
    ),
    Invariant(
        "L52",
        _("what left one account by a transfer entered another"),
        """SELECT program_id, NULL::bigint, jsonb_build_object('point_type', point_type_id, 'sum', sum(amount))
           FROM members_posting WHERE bucket = 'transferred' GROUP BY program_id, point_type_id HAVING sum(amount) <> 0""",
    ),
    Invariant(
        "L53",
        _(
            "the end of a lot is the one it was moved to last, and each move began where the one before ended, unless "
            "activity moved it further"
        ),
        """SELECT m.program_id, l.wallet_id, jsonb_build_object('lot', l.id, 'end', l.expires_at, 'moved_to', m.after)
           FROM (SELECT program_id, lot_id, after,
                        lead(before) OVER (PARTITION BY lot_id ORDER BY entry_id) AS next_before
                 FROM members_lot_end) m JOIN members_lot l ON l.id = m.lot_id
           WHERE m.after > coalesce(m.next_before, l.expires_at)
              OR (l.idle_days IS NULL AND m.after <> coalesce(m.next_before, l.expires_at))""",
    ),
    Invariant(
        "L54",
        _("what was sold for money or points is what the entries of its sale moved, and a refund takes all of it back"),
        """SELECT s.program_id, NULL::bigint, jsonb_build_object('sale', s.id, 'entry', s.entry_id, 'points', s.points,
                  'given', g.given, 'price', s.price, 'paid', g.paid, 'taken_back', g.back)
           FROM members_point_sale s CROSS JOIN LATERAL (
             SELECT coalesce(-sum(p.amount) FILTER (
                      WHERE p.entry_id = s.entry_id AND p.point_type_id = s.point_type_id
                        AND p.bucket IN ('sold', 'expired', 'converted')), 0) AS given,
                    coalesce(sum(p.amount) FILTER (
                      WHERE p.point_type_id = s.pay_type_id
                        AND ((p.entry_id = s.payment_entry_id AND p.bucket = 'spent')
                             OR (p.entry_id = s.entry_id AND s.kind = 'convert' AND p.bucket = 'converted'))), 0) AS paid,
                    coalesce(sum(p.amount) FILTER (WHERE p.entry_id = s.refund_entry_id AND p.bucket = 'sold'), 0) AS back
             FROM members_posting p WHERE p.entry_id IN (s.entry_id, s.payment_entry_id, s.refund_entry_id)
           ) g
           WHERE s.entry_id IS NOT NULL
             AND (g.given <> CASE WHEN s.kind = 'extend' THEN 0 ELSE s.points END
                  OR g.paid <> CASE WHEN s.pay_type_id IS NULL THEN 0 ELSE s.price END
                  OR g.back <> CASE WHEN s.state = 'refunded' THEN s.points ELSE 0 END)""",
    ),
    Invariant(
        "L55",
        _("no more points of a lot came back after its end than had expired of it"),
        """SELECT u.program_id, l.wallet_id, jsonb_build_object('lot', u.lot_id, 'expired_less_back', sum(u.amount))
           FROM members_lot_use u JOIN members_entry e ON e.id = u.entry_id JOIN members_lot l ON l.id = u.lot_id
           WHERE e.kind IN ('expire', 'reinstate') AND u.lot_id IN (SELECT m.lot_id FROM members_lot_end m)
           GROUP BY u.program_id, l.wallet_id, u.lot_id HAVING sum(u.amount) < 0""",
    ),
    Invariant(
        "L56",
        _("what a rate of conversion gives is rounded down to whole units, and takes no more than they need"),
        """SELECT s.program_id, NULL::bigint, jsonb_build_object('sale', s.id, 'taken', s.price, 'given', s.points)
           FROM members_point_sale s JOIN members_conversion_rate r ON r.id = s.rate_id
           WHERE s.price <> ceil(s.points::numeric * r.give / nullif(r.get, 0))""",
    ),
    Invariant(
        "L51",
        _("nothing counts from later than it was recorded, five minutes of skew aside"),
        """SELECT program_id, NULL::bigint, jsonb_build_object('entry', id, 'effective_at', effective_at)
           FROM members_entry WHERE effective_at > recorded_at + interval '5 minutes'""",
    ),
    Invariant(
        "L60",
        _("what a member bought on a day is what the purchases of the day come to, net of returns"),
        """SELECT coalesce(d.program_id, b.program_id), NULL::bigint,
                  jsonb_build_object('member', coalesce(d.member_id, b.member_id), 'day', coalesce(d.day, b.occurred_date),
                    'kept', jsonb_build_array(d.purchases, d.amount, d.units),
                    'bought', jsonb_build_array(b.purchases, b.amount, b.units))
           FROM members_bought_day d FULL JOIN (
             SELECT p.program_id, p.member_id, p.occurred_date, count(*) FILTER (WHERE NOT p.is_returned) AS purchases,
                    sum(p.amount - p.returned_amount) AS amount, coalesce(sum(u.units), 0) AS units
             FROM members_purchase p LEFT JOIN (
               SELECT k.purchase_id, sum(CASE WHEN k.unit = 'piece' AND k.kept > 1 AND k.kept = trunc(k.kept)
                                         THEN k.kept::bigint ELSE 1 END) AS units
               FROM (SELECT purchase_id, unit, quantity - returned_quantity AS kept FROM members_purchase_line) k
               WHERE k.kept > 0 GROUP BY k.purchase_id
             ) u ON u.purchase_id = p.id
             GROUP BY p.program_id, p.member_id, p.occurred_date
           ) b ON b.member_id = d.member_id AND b.occurred_date = d.day
           WHERE (d.purchases, d.amount, d.units) IS DISTINCT FROM (b.purchases, b.amount, b.units)
           ORDER BY 1, 3""",
    ),
    Invariant(
        "L61",
        _("a line of a receipt is of the member and the moment of its purchase"),
        """SELECT l.program_id, NULL::bigint, jsonb_build_object('line', l.id, 'purchase', p.id)
           FROM members_purchase_line l JOIN members_purchase p ON p.id = l.purchase_id
           WHERE (l.member_id, l.occurred_at) IS DISTINCT FROM (p.member_id, p.occurred_at)""",
    ),
)


def check(using: str = "auditor", *, most: int = 100) -> Iterator[Finding]:
    """Ask every invariant; at most ``most`` findings each. Reads only."""
    for invariant in INVARIANTS:
        yield from ask(invariant, using, most=most)


def ask(invariant: Invariant, using: str = "default", *, most: int = 100) -> list[Finding]:
    """What breaks one invariant, at most ``most`` findings. Reads only."""
    with connections[using].cursor() as cursor:
        sql = invariant.sql.replace("$NOW", f"timestamptz '{clock.now().isoformat()}'")
        cursor.execute(f"SELECT * FROM ({sql}) AS broken LIMIT {most}")
        rows = cursor.fetchall()
    if rows:
        telemetry.BREACHES.labels(invariant=invariant.code).inc(len(rows))
    return [
        # The product's own connection gives JSON as text.
        Finding(invariant.code, program_id, wallet_id, json.loads(facts) if isinstance(facts, str) else facts)
        for program_id, wallet_id, facts in rows
    ]
