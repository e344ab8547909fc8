"""Django's settings for it: the queue on a real PostgreSQL."""

import os
from urllib.parse import parse_qs, urlsplit

_parts = urlsplit(os.environ["DATABASE_URL"])

SECRET_KEY = "nothing is signed here"
INSTALLED_APPS = ["procrastinate.contrib.django", "tests.service.tiny"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _parts.path.lstrip("/"),
        "USER": _parts.username,
        "HOST": parse_qs(_parts.query)["host"][0],
        "PORT": parse_qs(_parts.query)["port"][0],
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 32, "timeout": 10}},
    }
}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
