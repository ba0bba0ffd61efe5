"""Settings that every environment shares."""

from datetime import timedelta

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

from loyalty.settings import environment as env
from loyalty.settings.look import UNFOLD  # noqa: F401
from loyalty.settings.sweeps import CELERY_BEAT_SCHEDULE  # noqa: F401

BASE_DIR = env.BASE_DIR
VAR_DIR = env.VAR_DIR

SECRET_KEY = env.text("SECRET_KEY")
# Keys before the present one: what they signed is still read, until they are taken out.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
FIELD_KEYS = env.words("FIELD_KEYS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
DEBUG = False

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "django_celery_beat",
    "csp",
    "loyalty.kernel",
    "loyalty.demo",
    "programs.setup",
    "programs.catalog",
    "programs.tiers",
    "programs.returns",
    "programs.promotions",
    "members.profiles",
    "members.callers",
    "members.consents",
    "members.messaging",
    "members.ledger",
    "members.activity",
    "members.till",
    "members.files",
    "members.segments",
    "members.engagement",
    "members.whatif",
    "members.desk",
    "rewards.catalog",
    "rewards.vouchers",
    "rewards.redemption",
    "partners.registry",
    "partners.portal",
    "reports.library",
    "reports.dashboards",
]

MIDDLEWARE = [
    "loyalty.kernel.telemetry.TraceMiddleware",
    "loyalty.kernel.headers.PlainHttpMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "loyalty.kernel.headers.PolicyMiddleware",
    "loyalty.kernel.headers.HeadersMiddleware",
    "loyalty.kernel.access.realms.RealmSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "loyalty.kernel.access.realms.RealmGuardMiddleware",
    "loyalty.kernel.pages.language.LanguageMiddleware",
    "loyalty.kernel.access.realms.SetUpMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "loyalty.kernel.pages.program.ProgramMiddleware",
    "loyalty.kernel.unreadable.NulMiddleware",
]

ROOT_URLCONF = "loyalty.urls"
WSGI_APPLICATION = "loyalty.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "loyalty.kernel.pages.context.page",
            ],
        },
    },
]
# Widgets draw by the site's templates, too.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Three roles, one database: `app` runs, `owner` migrates, `auditor` reads everything for the proofs.
DATABASES = {
    "default": env.database("DATABASE_URL", application="loyalty", fallback="dbname=loyalty user=app"),
    "owner": env.database(
        "MIGRATE_DATABASE_URL", application="loyalty-migrate", fallback="dbname=loyalty user=owner", prepare=False
    ),
    "auditor": env.database(
        "AUDITOR_DATABASE_URL", application="loyalty-audit", fallback="dbname=loyalty user=auditor"
    ),
}
# A streaming replica, asked as `app`, for reads that may be so many seconds late; without one the primary serves them.
if env.text("REPLICA_DATABASE_URL"):
    DATABASES["replica"] = env.replica("REPLICA_DATABASE_URL", application="loyalty-replica")
REPLICA_MOST_LAG = env.number("REPLICA_MOST_LAG", 10)
DATABASE_ROUTERS = ["loyalty.kernel.routers.RoleRouter"]
# The tables that `manage.py partition` can turn into partitions by month: every unique key of theirs holds the id, and no
# foreign key leads to them.
PARTITIONED = (
    "members_posting",
    "members_lot_use",
    "programs_limit_use",
    "loyalty_outbox_event",
    "loyalty_audit_record",
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "loyalty_kernel.User"
AUTHENTICATION_BACKENDS = ["loyalty.kernel.access.realms.RealmBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/admin/login/"
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
# Object permissions are read by loyalty.kernel.access, in one query a request, not by an authentication backend.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("pl", "Polski"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = ["loyalty.kernel.formats"]
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static_collected"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True

# A session ends after so many hours whatever happens, and sooner when nobody uses it.
SESSION_HOURS = env.number("SESSION_HOURS", 12)
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES", 60)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
# Roles that must have a second factor: names of roles, `operator`, `partner`. Others may have one.
SECOND_FACTOR_OF = env.words("SECOND_FACTOR_OF")
# How many proxies of one's own stand before the product: so many entries of X-Forwarded-For are believed, from the right.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
# Networks from which /metrics is answered; whoever comes through a proxy is told that there is no such page.
METRICS_FROM = env.words("METRICS_FROM") or ["127.0.0.0/8", "::1/128"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

# Unfold's Alpine evaluates expressions from attributes, hence 'unsafe-eval'; nothing is loaded from outside.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["loyalty.kernel.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["loyalty.kernel.api.permissions.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["loyalty.kernel.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "loyalty.kernel.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Loyalty platform API",
    "VERSION": "1",
    # Trial documents take numbers or texts: only 3.1 can say so.
    "OAS_VERSION": "3.1.0",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENFORCE_NON_BLANK_FIELDS": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Fields of one name with other words behind them: each set is named here, or its name would be a checksum.
    "ENUM_NAME_OVERRIDES": {
        "IdentityKindEnum": "members.profiles.queries.KINDS",
        "IdentifierKindEnum": "members.profiles.models.IdentifierKind.values",
        "IdentifierStateEnum": "members.profiles.models.IdentifierState.values",
        "MovementKindEnum": "members.activity.serializers.history.MOVEMENT_KINDS",
        "ReturnStateEnum": "members.activity.models.ReturnState.values",
        "SettlementEnum": "members.activity.models.Settlement.values",
        "PointsModeEnum": "programs.returns.models.PointsMode.values",
        "SaleKindEnum": "members.ledger.models.SaleKind.values",
        "RewardKindEnum": "rewards.catalog.models.RewardKind.choices",
        "RedemptionStateEnum": "rewards.redemption.models.RedemptionState.choices",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "loyalty.kernel.api.documented.document_problems",
    ],
}

BROKER_CONNINFO = env.text("BROKER_CONNINFO")
CELERY_BROKER_URL = env.text("BROKER_URL", "pgmq://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "conn_string": BROKER_CONNINFO,
        "init_extension": False,
        "visibility_timeout": 3600,
        "wait_time_seconds": 0,
        "polling_interval": 0.2,
        "pool_size": 3,
    }
    if CELERY_BROKER_URL.startswith("pgmq:")
    else {"visibility_timeout": 3600}
)

EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR_DIR / "mail"
# Where people reach the product, for links in mails.
SITE_ADDRESS = env.text("SITE_ADDRESS", "http://127.0.0.1:8000")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "loyalty@localhost")

# What the operator sets for every program that says nothing itself: programs.setup.terms.
TERMS = env.mapping("TERMS")

# Requests a second: of one key (unless it has a limit of its own), and readings of one member. They hold over this many
# web processes together.
API_RATE_PER_KEY = env.number("API_RATE_PER_KEY", 600)
API_RATE_PER_MEMBER = env.number("API_RATE_PER_MEMBER", 60)
API_TOKENS_PER_ADDRESS = env.number("API_TOKENS_PER_ADDRESS", 20)
API_PROCESSES = env.number("API_PROCESSES", 4)
# Purchases, returns and redemptions that come to one process at the same time are recorded together, up to so many of a
# kind; 1 records each by itself.
RECORDED_TOGETHER = env.number("RECORDED_TOGETHER", 32)

# Requests to other machines go to public addresses over https only. Names listed here may stand for machines of one's own
# network; ports are allowed beside 443 and 8443.
OUTGOING_INSIDE = env.words("OUTGOING_INSIDE")
OUTGOING_PORTS = env.words("OUTGOING_PORTS")

# Files that people and machines bring are refused beyond so many megabytes of all files of a program.
FILES_MB_PER_PROGRAM = env.number("FILES_MB_PER_PROGRAM", 20_480)

IDEMPOTENCY_KEPT_FOR = timedelta(days=30)
LATENESS_ACCEPTED = timedelta(days=30)
CLOCK_SKEW_ACCEPTED = timedelta(minutes=5)
# How long one statement may keep a till waiting; what does not come in time follows later.
TILL_BUDGET = timedelta(milliseconds=env.number("TILL_BUDGET_MS", 1500))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "loyalty.kernel.telemetry.json_formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"weasyprint": {"level": "ERROR"}, "fontTools": {"level": "ERROR"}},
}
