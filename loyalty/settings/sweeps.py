"""The fixed list of sweeps that beat rings. Each sweep takes what is due from its own table and is safe to run twice."""

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE = {
    "jobs": {"task": "loyalty.kernel.tasks.sweep_jobs", "schedule": 15.0},
    "outbox": {"task": "loyalty.kernel.tasks.sweep_outbox", "schedule": 5.0},
    "files": {"task": "loyalty.kernel.tasks.sweep_files", "schedule": crontab(minute="20")},
    "rates": {"task": "loyalty.kernel.tasks.sweep_rates", "schedule": crontab(minute="40")},
    "audit": {"task": "loyalty.kernel.tasks.sweep_audit", "schedule": crontab(minute="*/5")},
    "partitions": {"task": "loyalty.kernel.tasks.sweep_partitions", "schedule": crontab(minute="45")},
    "sign_ins": {"task": "loyalty.kernel.tasks.sweep_sign_ins", "schedule": crontab(minute="55")},
    "answers": {"task": "loyalty.kernel.tasks.sweep_answers", "schedule": crontab(minute="50", hour="3")},
    "activation": {"task": "members.ledger.tasks.sweep_activation", "schedule": crontab(minute="*/5")},
    "holds": {"task": "members.ledger.tasks.sweep_holds", "schedule": 60.0},
    "seals": {"task": "members.ledger.tasks.sweep_seals", "schedule": crontab(minute="*/5")},
    "proofs": {"task": "members.ledger.tasks.sweep_proofs", "schedule": crontab(minute="30", hour="2")},
    "till": {"task": "members.till.tasks.sweep_till", "schedule": 60.0},
    "busy_cards": {"task": "members.till.tasks.sweep_busy_cards", "schedule": crontab(minute="*/10")},
    "expiry": {"task": "members.ledger.tasks.sweep_expiry", "schedule": crontab(minute="*/15")},
    "warnings": {"task": "members.ledger.tasks.sweep_warnings", "schedule": crontab(minute="35")},
    "vouchers": {"task": "rewards.vouchers.tasks.sweep_vouchers", "schedule": crontab(minute="25")},
    "tier_reviews": {"task": "members.activity.tasks.sweep_tier_reviews", "schedule": crontab(minute="*/30")},
    "segments": {"task": "members.segments.tasks.sweep_segments", "schedule": crontab(minute="25")},
    "calendar": {"task": "members.engagement.tasks.sweep_schedules", "schedule": crontab(minute="*/5")},
    "report_schedules": {"task": "reports.library.tasks.sweep_schedules", "schedule": crontab(minute="*/5")},
    "waiting_returns": {"task": "members.activity.tasks.sweep_waiting_returns", "schedule": crontab(minute="10")},
}
