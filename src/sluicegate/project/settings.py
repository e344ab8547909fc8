"""Django's settings, all derived from ``core.config``."""

from __future__ import annotations

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from sluicegate.core import crypto
from sluicegate.core.config import config

_config = config()

DEBUG = False
ALLOWED_HOSTS = ["*"]  # the Host header is never used to build an address: links come from public_url
ROOT_URLCONF = "sluicegate.project.urls"
WSGI_APPLICATION = "sluicegate.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "ninja",
    "procrastinate.contrib.django",
    "sluicegate.audit",
    "sluicegate.accounts",
    "sluicegate.datasources",
    "sluicegate.executions",
    "sluicegate.reviews",
    "sluicegate.approvals",
    "sluicegate.notifications",
    "sluicegate.tickets",
]

TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or query.pop("dbname", ""),
        "USER": unquote(parts.username or query.pop("user", "")),
        "PASSWORD": unquote(parts.password or query.pop("password", "")),
        "HOST": unquote(parts.hostname or "") or query.pop("host", ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **query,
            "pool": {"min_size": 1, "max_size": 32, "timeout": 10},
        },
    }


# Without an address (`up` before it started the private PostgreSQL, --help, checks) nothing connects.
DATABASES = {
    "default": _database(
        _config.database_url.get_secret_value() if _config.database_url else "postgresql:///sluicegate"
    )
}

USE_TZ = True
TIME_ZONE = _config.time_zone
USE_I18N = False  # text for people comes from core.messages
LANGUAGE_CODE = "zh-hans"

if (
    os.environ.get("SLUICEGATE_KEY")
    or (_config.data_dir / "sealing.key").exists()
    or "SLUICEGATE_KEY_FILE" in os.environ
):
    SECRET_KEY = crypto.derive("django").hex()
else:  # --help, makemigrations, type checks: nothing is signed with it, and it lives as long as the process
    SECRET_KEY = os.urandom(32).hex()

_https = _config.url.startswith("https://")
SESSION_COOKIE_NAME = "__Host-sluicegate" if _https else "sluicegate"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = _config.session_hours * 3600
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_COOKIE_NAME = "__Host-sluicegate-csrf" if _https else "sluicegate-csrf"
CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [_config.url]
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if _https else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = _config.max_script_bytes * 2  # a script inside JSON, escaped
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # the few files of the API docs page; nothing is collected
LOGGING_CONFIG = None  # core.log configures logging
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
