"""Django with django-hordak alone, on a database of its own beside the product's."""

import os

SECRET_KEY = "of a measurement"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"]
# As the product does it: statements are prepared, but not those of migrations, which come several at a time.
_IS_PREPARED = os.environ.get("PEER_PREPARES") == "yes"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["PEER_HOST"],
        "PORT": os.environ["PEER_PORT"],
        "NAME": os.environ["PEER_DATABASE"],
        "USER": os.environ["PEER_USER"],
        "PASSWORD": os.environ["PEER_PASSWORD"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {"server_side_binding": _IS_PREPARED, "prepare_threshold": 0 if _IS_PREPARED else None},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
HORDAK_CURRENCIES = ["EUR"]
HORDAK_INTERNAL_CURRENCY = "EUR"
