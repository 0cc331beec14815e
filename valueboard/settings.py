"""Settings, all from the environment; a bad or missing value stops the start.

| Variable | Meaning | Default |
|---|---|---|
| `VALUEBOARD_ENVIRONMENT` | `production`, `development` or `test` | `production` |
| `SECRET_KEY` | at least 50 characters | development and test have a demo key |
| `DATABASE_URL` | PostgreSQL ≥ 16, as the application role | required |
| `DATABASE_OWNER_URL` | the same database, as the role that owns the tables | only to migrate |
| `VALUEBOARD_AS_OWNER` | `1`: connect as the owner (migrations only) | `0` |
| `VALUEBOARD_DATABASE_KIND` | what a new database becomes: `live`, `demo` or `test` | `live` |
| `ALLOWED_HOSTS` | comma-separated host names | required in production |
| `CSRF_TRUSTED_ORIGINS` | comma-separated origins | none |
| `BASE_URL` | address of the product, for links in mails | required in production |
| `TRUSTED_PROXY_COUNT` | proxies in front that set X-Forwarded-For | `0` |
| `EMAIL_URL` | e.g. `submission://user:password@host:587` | development prints mails |
| `DEFAULT_FROM_EMAIL` | sender of mails | `valueboard@localhost` |
| `DIGEST_HOUR` | hour of the daily mail, 0 to 23, in `TIME_ZONE` | `7` |
| `TIME_ZONE` | the organisation's time zone | `UTC` |
| `FISCAL_YEAR_START` | month in which the fiscal year begins, 1 to 12 | `1` |
| `LOCALE` | how dates and numbers are written: `en-GB`, `en-US`, `en-001` (ISO) | `en-GB` |
| `ORGANISATION_NAME` | shown in the header | `ValueBoard` |
| `REPORTING_CURRENCY` | ISO code | `USD` |
| `SPEND_POLL` | when the worker looks for deliveries: a cron expression, in UTC | `7 * * * *` |
| `SPEND_FOLDERS` | folders below which an export configured on a page may lie | none |
| `CHECKPOINT_KEY` | signs checkpoints: `manage.py checkpoint_key` | none: none are taken |
| `CHECKPOINT_LOCATION` | where: a folder or `s3://bucket/prefix` | none: none are taken |
| `CHECKPOINT_LOCK_DAYS` | days under S3 Object Lock, where the bucket has it | `0` |
| `CHROMIUM` | the worker's Chromium, which makes PDFs: a name on PATH or a path | from PATH |
| `LOG_LEVEL` | what is logged to the console from there on | `INFO` |
| `SPEND_ENGINE` | what adds the bill up: `duckdb`, `spark` or `athena` | `duckdb` |
| `SPARK_MASTER` | where Spark runs: `local[*]`, `yarn`, `spark://…`, `k8s://…` | `local[*]` |
| `ATHENA_STAGING_LOCATION` | `s3://bucket/prefix` that Athena may write to | for `athena` |
| `ATHENA_DATABASE` | where its tables are made, for as long as a load lasts | `default` |
| `ATHENA_WORKGROUP` | whose limits and costs the queries count to | `primary` |
| `AWS_ENDPOINT_URL_S3` | another S3 endpoint; read by boto3 itself | AWS |
"""

import logging
from importlib.util import find_spec
from pathlib import Path
from re import fullmatch
from shutil import which
from urllib.parse import urlsplit

import django_stubs_ext
from croniter import croniter
from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from valueboard.lib.formats import LOCALES

django_stubs_ext.monkeypatch()
env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT: str = env.str(
    "VALUEBOARD_ENVIRONMENT",
    "production",
    validate=validate.OneOf(["production", "development", "test"]),
)
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False

DEMO_SECRET_KEY = "demo-only-" + "valueboard" * 5
SECRET_KEY: str = env.str("SECRET_KEY") if PRODUCTION else env.str("SECRET_KEY", DEMO_SECRET_KEY)
if PRODUCTION and (SECRET_KEY == DEMO_SECRET_KEY or len(SECRET_KEY) < 50):  # noqa: PLR2004 - Django's own bound
    message = "SECRET_KEY: production needs a secret of its own with at least 50 characters."
    raise ImproperlyConfigured(message)

ALLOWED_HOSTS: list[str] = (
    env.list("ALLOWED_HOSTS")
    if PRODUCTION
    else env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "testserver"])
)
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
BASE_URL: str = env.str("BASE_URL") if PRODUCTION else env.str("BASE_URL", "http://127.0.0.1:8000")

ORGANISATION_NAME: str = env.str("ORGANISATION_NAME", "ValueBoard")
REPORTING_CURRENCY: str = env.str(
    "REPORTING_CURRENCY", "USD", validate=validate.Regexp("^[A-Z]{3}$")
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "template_partials.apps.SimpleAppConfig",
    "accounts",
    "idempotency",
    "records",
    "notices",
    "spaces",
    "cur_ingest",
    "business_cases",
    "approvals",
    "positions",
    "packs",
    "allocation_gaps",
    "maturity",
    "reviews",
    "demo",
    "valueboard",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # The map is SVG in the page, which shrinks to a twentieth. Django masks its CSRF tokens and
    # pads responses by chance, so that compressed sizes tell nothing (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # After authentication, so that nothing but sign-in and the health endpoints is public.
    "accounts.middleware.SignInMiddleware",
    "accounts.middleware.LocaleMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "spaces.middleware.ReaderMiddleware",
    "valueboard.lib.busy.BusyMiddleware",
    # Last: it opens the transaction in which a view does its work.
    "idempotency.middleware.IdempotencyMiddleware",
]

ROOT_URLCONF = "valueboard.urls"
WSGI_APPLICATION = "valueboard.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "valueboard.lib.templates.Templates",
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "valueboard.lib.templates.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "template_partials.templatetags.partials",
                "idempotency.templatetags.idempotency",
                "valueboard.templatetags.dates",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "valueboard.context_processors.product",
            ],
        },
    }
]

# --- database: two roles, one alias -------------------------------------------------------------
# The application role reads and writes, and on frozen tables only inserts; the owner migrates.
# One alias, so that no migration can run as the application role by oversight.
AS_OWNER: bool = env.bool("VALUEBOARD_AS_OWNER", False)
DATABASES = {
    "default": {
        **env.dj_db_url("DATABASE_OWNER_URL" if AS_OWNER else "DATABASE_URL", conn_max_age=60),
        "CONN_HEALTH_CHECKS": True,
    }
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    message = "DATABASE_URL must be of the form postgresql://role:password@host:port/database."
    raise ImproperlyConfigured(message)
# Migrations grant to this role by name.
DATABASE_APP_ROLE: str = urlsplit(env.str("DATABASE_URL")).username or ""
if not DATABASE_APP_ROLE:
    message = "DATABASE_URL must name the application role, as in postgresql://vb_app:…@host/db."
    raise ImproperlyConfigured(message)
DATABASE_KIND: str = env.str(
    "VALUEBOARD_DATABASE_KIND",
    "live",
    validate=validate.OneOf(["live", "demo", "test"]),
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rate limits of sign-in count across processes, so the cache is shared: a table that a migration
# makes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "valueboard_cache",
    }
}

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXY_COUNT", 0)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if ENVIRONMENT == "test":
    # The cast of each test has ten passwords; a slow hash is for production.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- transport ----------------------------------------------------------------------------------
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$"]
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    if ALLAUTH_TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}

# --- mail ---------------------------------------------------------------------------------------
if PRODUCTION or env.str("EMAIL_URL", ""):
    _email = env.dj_email_url("EMAIL_URL")
    if "EMAIL_BACKEND" not in _email:
        message = "EMAIL_URL must begin with submission:// (TLS), smtp://, file: or console:."
        raise ImproperlyConfigured(message)
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST = _email.get("EMAIL_HOST", "")
    EMAIL_PORT = _email.get("EMAIL_PORT") or 25
    EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
    EMAIL_FILE_PATH = _email.get("EMAIL_FILE_PATH", "")
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "valueboard@localhost")
DIGEST_HOUR: int = env.int("DIGEST_HOUR", 7, validate=validate.Range(0, 23))

# --- background jobs ------------------------------------------------------------------------------
# Those that import an engine, or much else: the worker alone loads it, not every command at its
# start.
PROCRASTINATE_IMPORT_PATHS = [
    "cur_ingest.jobs",
    "packs.jobs",
    "allocation_gaps.jobs",
    "maturity.jobs",
    "valueboard.jobs",
]

# --- board packs ----------------------------------------------------------------------------------
# Only the worker needs it; without one its pages print themselves.
CHROMIUM: str = env.str("CHROMIUM", "")

# --- deliveries of cost data ----------------------------------------------------------------------
SPEND_POLL: str = env.str("SPEND_POLL", "7 * * * *")
if not croniter.is_valid(SPEND_POLL):
    message = "SPEND_POLL must be a cron expression, such as 7 * * * * for once an hour."
    raise ImproperlyConfigured(message)
# Whoever configures exports on a page must not read any folder of this machine by it.
SPEND_FOLDERS: list[str] = env.list("SPEND_FOLDERS", [])

# --- checkpoints of the records -------------------------------------------------------------------
# Without both, records are chained all the same, and every page about them says what is missing.
CHECKPOINT_KEY: str = env.str("CHECKPOINT_KEY", "")
CHECKPOINT_LOCATION: str = env.str("CHECKPOINT_LOCATION", "")
CHECKPOINT_LOCK_DAYS: int = env.int("CHECKPOINT_LOCK_DAYS", 0)

# --- the engine that adds the bill up -------------------------------------------------------------
SPEND_ENGINE: str = env.str(
    "SPEND_ENGINE", "duckdb", validate=validate.OneOf(["duckdb", "spark", "athena"])
)
SPARK_MASTER: str = env.str(
    "SPARK_MASTER",
    "local[*]",
    validate=validate.Regexp(r"^(local(\[(\*|[1-9]\d*)\])?|yarn|(spark|k8s)://.+)$"),
)
ATHENA_STAGING_LOCATION: str = env.str("ATHENA_STAGING_LOCATION", "")
ATHENA_DATABASE: str = env.str(
    "ATHENA_DATABASE", "default", validate=validate.Regexp(r"^[a-z0-9_]+$")
)
ATHENA_WORKGROUP: str = env.str("ATHENA_WORKGROUP", "primary", validate=validate.Length(min=1))
if SPEND_ENGINE == "athena" and not fullmatch(r"s3://[^/]+/.*[^/].*", ATHENA_STAGING_LOCATION):
    message = "SPEND_ENGINE=athena needs ATHENA_STAGING_LOCATION, of the form s3://bucket/prefix."
    raise ImproperlyConfigured(message)
if SPEND_ENGINE == "spark":
    if find_spec("pyspark") is None:
        message = "SPEND_ENGINE=spark needs the extra “spark”: uv sync --extra spark."
        raise ImproperlyConfigured(message)
    if not which("java", path=f"{env.str('JAVA_HOME', '')}/bin") and not which("java"):
        message = "SPEND_ENGINE=spark needs Java 17, on PATH or named by JAVA_HOME."
        raise ImproperlyConfigured(message)

# The month in which the fiscal year begins (METHOD 4).
FISCAL_YEAR_START: int = env.int("FISCAL_YEAR_START", 1, validate=validate.Range(1, 12))
# --- language, time, files ----------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE: str = env.str("TIME_ZONE", "UTC")
# How dates and numbers are written for whoever has not chosen for themselves.
LOCALE: str = env.str("LOCALE", "en-GB", validate=validate.OneOf(sorted(LOCALES)))
STATIC_URL = "static/"
# Collected for production only; elsewhere files are served from where they lie.
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

# --- logs ---------------------------------------------------------------------------------------
LOG_LEVEL = env.log_level("LOG_LEVEL", logging.INFO)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    # The handler's level too: Django's own loggers have levels that go past the root's.
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "level": LOG_LEVEL}
    },
    # It tells of every job, of which there are some each minute; what failed is told still.
    # botocore says with every client where its credentials come from, py4j when one closes.
    "loggers": {name: {"level": "WARNING"} for name in ("procrastinate", "botocore", "py4j")},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
