"""Settings of every process, from the environment alone. README lists the variables.

``EMS_ENV`` is development (the default), demo, test or production. Production refuses to start with
a missing or weak secret; the others make what they need in ``var/``.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from celery.schedules import schedule
from csp.constants import NONE, SELF

from ems_supply.broker import BrokerAddress, socket_path
from ems_supply.environment import Environment, database, kept_secret, sqlite, weakness
from ems_supply.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

EMS_ENV = env.text("EMS_ENV", "development")
if EMS_ENV not in {"development", "demo", "test", "production"}:
    env.problems.append(f"EMS_ENV is {EMS_ENV!r}: write development, demo, test or production.")
IS_PRODUCTION = EMS_ENV == "production"
VAR_DIR = Path(env.text("EMS_VAR") or BASE_DIR / "var")

DEBUG = EMS_ENV == "development" and env.flag("EMS_DEBUG", default=True)

# --- Secrets and addresses -------------------------------------------------------------------------------------------

if IS_PRODUCTION:
    SECRET_KEY = env.strong_secret("DJANGO_SECRET_KEY", length=50)
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        env.problems.append(
            "ALLOWED_HOSTS is missing or open. Write the names people type: supply.example.org,10.0.0.7"
        )
    database_url = env.required("DATABASE_URL", "Write postgresql://user@host:5432/name; the password may come apart.")
    redis_url = env.required("REDIS_URL", "Write redis://host:6379/0.")
else:
    SECRET_KEY = env.text("DJANGO_SECRET_KEY") or kept_secret(VAR_DIR / "secret_key")
    ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
    database_url = env.text("DATABASE_URL") if EMS_ENV != "demo" else ""
    redis_url = env.text("REDIS_URL")

CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
SECRET_KEY_FALLBACKS = env.words("DJANGO_SECRET_KEY_FALLBACKS")

# --- Databases, cache, messages --------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": database(database_url) if database_url else sqlite(VAR_DIR / "ems_supply.sqlite3")
}
if password := env.text("POSTGRES_PASSWORD"):
    DATABASES["default"]["PASSWORD"] = password
if IS_PRODUCTION and database_url:
    if "postgresql" not in DATABASES["default"]["ENGINE"]:
        env.problems.append("DATABASE_URL must name a PostgreSQL database in production.")
    elif reason := weakness(DATABASES["default"]["PASSWORD"], length=16):
        env.problems.append(
            f"The database's password is weak: {reason}. Set a long one in PostgreSQL, and POSTGRES_PASSWORD here."
        )
if EMS_ENV == "test" and "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, as threads and real workers must see it too.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BROKER = BrokerAddress.parse(redis_url) if redis_url else BrokerAddress.at(socket_path(VAR_DIR))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": BROKER.cache.url,
        "KEY_PREFIX": "ems",
    }
}

# --- What the site is made of ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "integrations",
    "dashboard",
    "orders",
    "inventory",
    "stations",
    "ems_supply",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "template_partials",
    "django_htmx",
    "django_filters",
    "crispy_forms",
    "crispy_bootstrap5",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "csp",
    "django_celery_beat",
    "django_celery_results",
]
MIDDLEWARE = [
    "ems_supply.middleware.request_id",
    "ems_supply.health.health_pages",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "ems_supply.middleware.Compressed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ems_supply.middleware.OwnLanguage",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # every page, unless it says otherwise itself
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ems_supply.middleware.BusyRows",
    "ems_supply.middleware.read_once",
]
ROOT_URLCONF = "ems_supply.urls"
WSGI_APPLICATION = "ems_supply.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "core.templatetags.ui",
                "core.templatetags.sayings",
                "core.templatetags.toasts",
                "inventory.templatetags.quantities",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
TRUSTED_PROXIES = int(env.number("EMS_TRUSTED_PROXIES", 1 if IS_PRODUCTION else 0))
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "integrations.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["integrations.api.permissions.ScopeAllows"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "integrations.api.paging.AfterId",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["integrations.api.parsing.Json"],
    "DEFAULT_SCHEMA_CLASS": "integrations.api.schema.Schema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.text("EMS_API_RATE", "600/min")},
    "EXCEPTION_HANDLER": "integrations.api.problems.handle",
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "EMS Supply",
    "DESCRIPTION": "Everything that the pages do, for other systems. Quantities are base units, money is in cents.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "CodeSystemEnum": "inventory.codes.scanned.SYSTEMS",
        "DiscardReasonEnum": "integrations.api.bulk_rows.REASONS",
        "ItemShownKindEnum": "inventory.models.Item.Kind",
        "LocationShownKindEnum": "stations.models.Location.Kind",
        "LotStatusEnum": "inventory.models.Lot.Status",
    },
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": False, "filter": True, "docExpansion": "none"},
}

# --- People ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "stations.User"
AUTHENTICATION_BACKENDS = ["ems_supply.auth.DivisionBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "ems_supply.auth.NoDemoPassword"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if EMS_ENV == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "ems_supply.auth.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Five wrong passwords for one name, or twenty from one address (a whole station may share it), then wait.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- Safety ----------------------------------------------------------------------------------------------------------

# Pictures behind the map of the stations, from a tile server: https://tiles.example.org/{z}/{x}/{y}.png, and whose they
# are, as their owner wants it said. Empty: the map is drawn without any.
EMS_MAP_TILES: str = env.tiles("EMS_MAP_TILES")
EMS_MAP_CREDIT: str = env.text("EMS_MAP_CREDIT")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Tabler draws its small marks as data: addresses in its own style sheet.
        "img-src": [SELF, "data:", *env.origin(EMS_MAP_TILES)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# A receipt has a field for photos at each line, and browsers send it also when it is empty.
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if IS_PRODUCTION:
    IS_HTTPS = env.flag("EMS_HTTPS", default=True)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if IS_HTTPS else 0
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Static files ----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static_vendor"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if IS_PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
if not IS_PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # stays empty: files are served from where they lie
WHITENOISE_AUTOREFRESH = DEBUG

# --- Words and time --------------------------------------------------------------------------------------------------

# Pages speak the language that a person chose, else the one that the browser asks for, else the division's. Numbers and
# money are written as the division writes them, in every language.
LANGUAGES = [("en", "English"), ("es", "Español")]
LANGUAGE_CODE = env.text("EMS_LANGUAGE", "en")
if LANGUAGE_CODE not in dict(LANGUAGES):
    env.problems.append(f"EMS_LANGUAGE is {LANGUAGE_CODE!r}: it may be {' or '.join(dict(LANGUAGES))}.")
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "ems_supply.formats"
USE_TZ = True
TIME_ZONE = env.text("EMS_TIME_ZONE", "America/New_York")
if TIME_ZONE not in available_timezones():
    env.problems.append(f"EMS_TIME_ZONE is {TIME_ZONE!r}: write a zone's name, such as America/New_York.")

# --- Background work -------------------------------------------------------------------------------------------------

TASK_SECONDS = int(env.number("EMS_TASK_SECONDS", 240, least=4))

CELERY_BROKER_URL = BROKER.celery_url
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A task that outlives this runs again beside itself: always above the longest task.
    "visibility_timeout": TASK_SECONDS * 5 // 4,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}
CELERY_TASK_TIME_LIMIT = TASK_SECONDS
CELERY_TASK_SOFT_TIME_LIMIT = TASK_SECONDS * 9 // 10
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TRACK_STARTED = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2}
CELERY_RESULT_BACKEND = "django-db"
CELERY_RESULT_EXTENDED = True
CELERY_RESULT_EXPIRES = timedelta(days=3)
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
DJANGO_CELERY_BEAT_TZ_AWARE = True


def beat(task: str, every: timedelta) -> dict[str, Any]:
    """One entry of the schedule. A message that waited as long as that is dropped: the next one does its work.

    All are intervals and none a time of day: a division whose machine is off at night misses nothing.
    """
    return {"task": task, "schedule": schedule(every), "options": {"expire_seconds": int(every.total_seconds())}}


CELERY_BEAT_SCHEDULE = {
    "heartbeat": beat("ems_supply.tasks.heartbeat", timedelta(seconds=30)),
    "propose_par_levels": beat("inventory.tasks.propose_par_levels", timedelta(days=1)),
    "allocate_backorders": beat("orders.tasks.allocate_backorders", timedelta(minutes=10)),
    "schedule_deliveries": beat("orders.tasks.schedule_deliveries", timedelta(minutes=30)),
    "sweep_par_levels": beat("orders.tasks.sweep_par_levels", timedelta(hours=1)),
    # For divisions of more than EMS_LIVE_PAR_LEVELS; in others it only counts them.
    "work_out_division": beat("dashboard.tasks.work_out_division", timedelta(minutes=10)),
    # Brings the day's row up to date.
    "snapshot_metrics": beat("dashboard.tasks.snapshot_metrics", timedelta(hours=6)),
    "send_notices": beat("dashboard.tasks.send_notices", timedelta(minutes=1)),
    "mail_notices": beat("dashboard.tasks.mail_notices", timedelta(minutes=1)),
    "flag_what_lasts": beat("dashboard.tasks.flag_what_lasts", timedelta(minutes=10)),
    "flag_expiring": beat("dashboard.tasks.flag_expiring", timedelta(hours=6)),
    "forget_notices": beat("dashboard.tasks.forget_notices", timedelta(days=1)),
    "verify_ledger": beat("orders.tasks.verify_ledger", timedelta(days=1)),
    "book_records": beat("integrations.tasks.book_records", timedelta(minutes=5)),
    # Monday's report, and what is left of it: to a division that was off, or whose mail server was.
    "send_weekly_report": beat("dashboard.tasks.send_weekly_report", timedelta(hours=1)),
    "forget_api_calls": beat("integrations.tasks.forget_api_calls", timedelta(days=1)),
    "forget_archives": beat("integrations.tasks.forget_archives", timedelta(hours=1)),
    "deliver_webhooks": beat("integrations.tasks.deliver_webhooks", timedelta(seconds=10)),
    "forget_deliveries": beat("integrations.tasks.forget_deliveries", timedelta(days=1)),
    "match_recalls": beat("integrations.tasks.match_recalls", timedelta(minutes=10)),
    "celery.backend_cleanup": beat("celery.backend_cleanup", timedelta(days=1)),
}

# --- Rules of the trade ----------------------------------------------------------------------------------------------

# What the division calls itself, on every page.
EMS_DIVISION_NAME: str = env.text("EMS_DIVISION_NAME", "EMS Supply")
# The paper in the division's printers; a link may ask for the other.
EMS_PAPER: str = env.text("EMS_PAPER", "LETTER").upper()
if EMS_PAPER not in ("A4", "LETTER"):
    env.problems.append(f"EMS_PAPER is {EMS_PAPER!r}: write A4 or LETTER.")
# Whether stock that stands exactly at its minimum is short already; otherwise only below it.
EMS_SHORT_AT_OR_BELOW_MINIMUM: bool = env.flag("EMS_SHORT_AT_OR_BELOW_MINIMUM", default=False)
# An order that costs more than this many cents needs the chief's approval as well.
EMS_APPROVAL_COST_LIMIT_CENTS: int = int(env.number("EMS_APPROVAL_COST_LIMIT_CENTS", 500_000))
# What keeping stock costs, for par levels: a year's share of its value for money, room and care; asking for, picking
# and putting away one line; and how often a unit is filled up from its station's shelves.
EMS_HOLDING_RATE: float = env.number("EMS_HOLDING_RATE", 0.2, least=0.001)
EMS_ORDER_LINE_CENTS: int = int(env.number("EMS_ORDER_LINE_CENTS", 150))
EMS_RESTOCK_DAYS: float = env.number("EMS_RESTOCK_DAYS", 1.0, least=0.1)
# Up to so many par levels, the pages of the whole division are worked out for every visit; beyond, every ten minutes.
EMS_LIVE_PAR_LEVELS: int = int(env.number("EMS_LIVE_PAR_LEVELS", 100_000))
# How a van travels: average speed, how much longer a road is than the straight line, and minutes spent at a stop.
EMS_TRAVEL_SPEED_KMH: float = env.number("EMS_TRAVEL_SPEED_KMH", 40.0, least=1)
EMS_TRAVEL_FACTOR: float = env.number("EMS_TRAVEL_FACTOR", 1.3, least=1)
EMS_STOP_MINUTES: float = env.number("EMS_STOP_MINUTES", 10.0)
# How long a van takes to load before it leaves, and again between two trips of a day.
EMS_LOADING_MINUTES: float = env.number("EMS_LOADING_MINUTES", 30.0)
# What the schedule weighs against each other, in cents: a van that goes out on a day, a kilometre, an hour of its crew,
# and what it is worth to bring a routine delivery on its first day and not on the next.
EMS_VAN_DAY_CENTS: int = int(env.number("EMS_VAN_DAY_CENTS", 2_000))
EMS_KILOMETRE_CENTS: int = int(env.number("EMS_KILOMETRE_CENTS", 50))
EMS_CREW_HOUR_CENTS: int = int(env.number("EMS_CREW_HOUR_CENTS", 3_500))
EMS_DELIVERY_CENTS: int = int(env.number("EMS_DELIVERY_CENTS", 10_000))
# What an import may weigh: of an upload, which a page must answer, each file, all together and the rows of a table;
# of a folder, each file and the rows of a table.
EMS_IMPORT_UPLOAD_MB: int = int(env.number("EMS_IMPORT_UPLOAD_MB", 20, least=1))
EMS_IMPORT_TOGETHER_MB: int = int(env.number("EMS_IMPORT_TOGETHER_MB", 60, least=1))
EMS_IMPORT_UPLOAD_ROWS: int = int(env.number("EMS_IMPORT_UPLOAD_ROWS", 100_000, least=1))
EMS_IMPORT_FOLDER_MB: int = int(env.number("EMS_IMPORT_FOLDER_MB", 200, least=1))
EMS_IMPORT_ROWS: int = int(env.number("EMS_IMPORT_ROWS", 2_100_000, least=1))
# What an archive may weigh: one that a page makes, packed; one that is read, unpacked.
EMS_ARCHIVE_MB: int = int(env.number("EMS_ARCHIVE_MB", 200, least=1))
EMS_ARCHIVE_UNPACKED_GB: float = env.number("EMS_ARCHIVE_UNPACKED_GB", 50, least=0.001)
# Where webhooks may call beside public addresses over HTTPS: networks of the division's own, and plain HTTP.
EMS_WEBHOOK_PRIVATE: list[str] = env.networks("EMS_WEBHOOK_PRIVATE")
EMS_WEBHOOK_HTTP: bool = env.flag("EMS_WEBHOOK_HTTP", default=False)
# Patient-care records: how large a file may be, and the folder from which files are taken every minute. Empty: none.
EMS_RECORDS_MB: int = int(env.number("EMS_RECORDS_MB", 50, least=1))
EMS_RECORDS_FOLDER: str = env.text("EMS_RECORDS_FOLDER")
if EMS_RECORDS_FOLDER:
    CELERY_BEAT_SCHEDULE["take_records"] = beat("integrations.tasks.take_records", timedelta(minutes=1))

# --- E-mail ----------------------------------------------------------------------------------------------------------

# Where people open this site, for links that no request leads to: those in mails.
EMS_ADDRESS: str = env.text("EMS_ADDRESS").rstrip("/") or (
    f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if IS_PRODUCTION and ALLOWED_HOSTS else "http://127.0.0.1:8000"
)
if not EMS_ADDRESS.startswith(("http://", "https://")):
    env.problems.append(f"EMS_ADDRESS is {EMS_ADDRESS!r}: write how people open this site, https://supply.example.org.")
# The mail server. Without one nothing is sent, and the pages that would have it sent say so.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_SECURITY = env.text("EMAIL_SECURITY", "starttls").lower()
if EMAIL_SECURITY not in ("starttls", "tls", "none"):
    env.problems.append(f"EMAIL_SECURITY is {EMAIL_SECURITY!r}: write starttls, tls or none.")
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_PORT = int(env.number("EMAIL_PORT", 465 if EMAIL_USE_SSL else 587, least=1))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM")
if EMAIL_HOST and "@" not in DEFAULT_FROM_EMAIL:
    env.problems.append("EMAIL_FROM is missing: write the address that mails come from, such as supply@example.org.")
# The hour of the day of the daily e-mail of notices, in the division's time zone.
EMS_DIGEST_HOUR: int = int(env.number("EMS_DIGEST_HOUR", 7))
if EMS_DIGEST_HOUR > 23:
    env.problems.append(f"EMS_DIGEST_HOUR is {EMS_DIGEST_HOUR}: write an hour from 0 to 23.")

# --- Recalls ---------------------------------------------------------------------------------------------------------

# Where openFDA's records are fetched from once a day, addresses in https parted by blanks (empty: nowhere),
# and how large a file of them may be.
EMS_RECALL_FEED: list[str] = env.text("EMS_RECALL_FEED").split()
if any(not address.startswith("https://") for address in EMS_RECALL_FEED):
    env.problems.append("EMS_RECALL_FEED: every address must begin with https://.")
EMS_RECALL_MB: int = int(env.number("EMS_RECALL_MB", 20, least=1))
if EMS_RECALL_FEED:
    CELERY_BEAT_SCHEDULE["fetch_recalls"] = beat("integrations.tasks.fetch_recalls", timedelta(days=1))

# --- Logs ------------------------------------------------------------------------------------------------------------

LOGGING = logging_settings(level=env.text("EMS_LOG_LEVEL", "WARNING" if EMS_ENV == "test" else "INFO").upper())

env.refuse_problems()
