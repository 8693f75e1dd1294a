"""The studio's settings. They work with nothing set. docs/operate.md lists every environment variable here.

Without a key there is the local stand-in of Segmind, without a broker the embedded one, and without accounts one
designer on this machine.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from importlib import import_module
from typing import Any
from urllib.parse import quote

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from stickers.recipes.reading import BadModelError, read_models
from stickers.recipes.specs import ModelSpec
from stickers.running import data_folder, environment, exposure

BASE_DIR = data_folder.CHECKOUT
DATA_DIR = data_folder.path()  # made by `data_folder.make`, not here: reading the settings changes nothing

_PUBLISHED_KEY = "a-long-random-text-the-same-on-every-machine"  # in deploy/sticker-studio.env of former releases


def _secret_key() -> str:
    """The key from the environment, else the one in the data folder, else one for this process only.

    The last is for a process that signs nothing for others, such as a linter.
    """
    if key := environment.text("SECRET_KEY"):
        if key == _PUBLISHED_KEY:
            raise ImproperlyConfigured(
                f"SECRET_KEY is the one that everybody can read in the example. {exposure.MAKE_ONE}"
            )
        return key
    return data_folder.kept_key() or secrets.token_urlsafe(50)


SECRET_KEY = _secret_key()
DEBUG = environment.flag("DEBUG", default=False)

# --- Who may come in -------------------------------------------------------------------------------------------
STUDIO_ACCOUNTS = environment.flag("STUDIO_ACCOUNTS", default=False)
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", [])
# Links in mails lead here. A request's own host name is what its sender claims.
STUDIO_URL = exposure.address(environment.origin("STUDIO_URL"), CSRF_TRUSTED_ORIGINS, ALLOWED_HOSTS)
HTTPS_ONLY = environment.flag("HTTPS_ONLY", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # requested from inside the proxy
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS_ONLY else None
X_FRAME_OPTIONS = "DENY"
# HSTS covers only this host. Other hosts of its domain, or preloading the whole domain into browsers, are not the
# studio's decision.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
# For one designer. Rows are counted, so all web processes and commands share the limit. 0 means no limit.
ORDERS_PER_MINUTE = environment.whole("ORDERS_PER_MINUTE", 120, low=0, high=100_000)
# The number of proxies in front of the studio that add to X-Forwarded-For. Failed sign-ins are counted by the address
# that the outermost one saw.
TRUSTED_PROXIES = environment.whole("TRUSTED_PROXIES", 0, low=0, high=10)
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_ENABLED = STUDIO_ACCOUNTS
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# By both together, so that a stranger who guesses locks nobody out at their own desk.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Slower limits by either alone, which axes has no settings for.
AXES_HANDLER = "stickers.accounts.lockout.LockoutHandler"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else repeated tries would keep a name locked for ever
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "stickers.accounts.sign_in.client_address"
AXES_LOCKOUT_CALLABLE = "stickers.accounts.sign_in.locked_out"
PASSWORD_RESET_TIMEOUT = 3600  # seconds that a link to a new password works
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "studio"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),  # OWASP ASVS 2.1.1
        ("CommonPasswordValidator", {}),
    )
]
# htmx runs without eval and without inline styles, so this server is the only source.
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[str]]] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# --- The application -------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # for the templates of its widgets, which the admin renders
    "axes",
    "csp",
    "django_htmx",
    "stickers",
]
MIDDLEWARE = [
    "stickers.middleware.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "stickers.middleware.body_cap.BodyCapMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "stickers.middleware.headers.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "stickers.accounts.current_user.SingleDesignerMiddleware",
    "stickers.middleware.headers.PrivatePagesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "stickers.urls"
WSGI_APPLICATION = "stickers.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stickers.accounts.current_user.studio",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Mail: without a server, links are shown to be copied --------------------------------------------------------
EMAIL_HOST = environment.text("EMAIL_HOST")
EMAIL_PORT = environment.whole("EMAIL_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=EMAIL_PORT == 587)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "sticker-studio@localhost")
MAIL_IS_SET_UP = bool(EMAIL_HOST) and STUDIO_ACCOUNTS  # without accounts there is nobody to write to

# --- Rows ------------------------------------------------------------------------------------------------------
DATABASES = {"default": environment.database("DATABASE_URL", DATA_DIR / "studio.sqlite3")}
_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": {"BACKEND": _MEMORY},
    "cards": {"BACKEND": _MEMORY, "LOCATION": "cards", "OPTIONS": {"MAX_ENTRIES": 2000}},  # 2 KB each
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = environment.time_zone("TIME_ZONE", "UTC")
LANGUAGE_CODE = "en"

# --- Files -----------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from the source folders, so that one command starts a fresh checkout without a collect step.
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA_DIR / "media"
S3_BUCKET = environment.text("S3_BUCKET")
S3_REGION = environment.text("S3_REGION", "us-east-1")
S3_ENDPOINT_URL = environment.http_address("S3_ENDPOINT_URL", f"https://s3.{S3_REGION}.amazonaws.com")
S3_ACCESS_KEY_ID = environment.text(
    "S3_ACCESS_KEY_ID"
)  # without keys boto3 looks for them itself, as on a machine with a role
S3_SECRET_ACCESS_KEY = environment.text("S3_SECRET_ACCESS_KEY")
if bool(S3_ACCESS_KEY_ID) != bool(S3_SECRET_ACCESS_KEY):
    raise ImproperlyConfigured("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together: set both or neither.")
STORAGES = {
    "default": {"BACKEND": "stickers.files.s3.Bucket" if S3_BUCKET else "stickers.files.disk.Disk"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if S3_BUCKET:  # the pages then show pictures from there, by signed links
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append(S3_ENDPOINT_URL)
IMPORT_MAX_BYTES = environment.whole("IMPORT_MAX_MB", 30, low=1, high=200) * 1024 * 1024
IMPORT_MAX_PIXELS = environment.whole("IMPORT_MAX_MEGAPIXELS", 17, low=1, high=17) * 1_000_000
# What the files of one designer may take, with accounts. 0 is no limit.
_QUOTA_MEGABYTES = environment.whole("STORAGE_QUOTA_MB", 20_480, low=0, high=1_000_000_000)
STORAGE_QUOTA_BYTES = _QUOTA_MEGABYTES * 2**20 if STUDIO_ACCOUNTS else 0
TRASH_DAYS = environment.whole("TRASH_DAYS", 30, low=0, high=3650)  # 0 keeps it for ever
# Largest body of a request: of any form, and of an import, which may bring several pictures.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_BODY_MAX_BYTES = max(195 * 1024 * 1024, IMPORT_MAX_BYTES + DATA_UPLOAD_MAX_MEMORY_SIZE)
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
# Above what any form of the studio takes, so that the form itself says its limit: Django's answer is a bare 400.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000


# --- Segmind ---------------------------------------------------------------------------------------------------
def _last_sandbox_port() -> int:
    """The stand-in's last port. Links in the rows name it, so the stand-in should come back there."""
    try:
        port = int(SANDBOX_PORT_FILE.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 18000
    return port if 0 < port < 65536 else 18000


def _models() -> dict[str, ModelSpec]:
    """The built-in model and one for each file in the operator's folder, by slug. Only a named folder must exist."""
    folder = environment.folder("STUDIO_MODELS", DATA_DIR / "models")
    if not folder.is_dir():
        if environment.text("STUDIO_MODELS"):
            raise ImproperlyConfigured(f"STUDIO_MODELS must name a folder; {folder} is none.")
        return read_models()
    try:
        return read_models(folder)
    except BadModelError as error:
        raise ImproperlyConfigured(f"A model cannot be used. {error}") from None


MODELS = _models()
# ICC profiles of presses: the operator's folder, searched before the system's, and which one a print profile means
# that names none.
STUDIO_ICC = environment.folder("STUDIO_ICC", DATA_DIR / "icc")
STUDIO_CMYK = environment.text("STUDIO_CMYK")
SEGMIND_API_KEY = environment.text("SEGMIND_API_KEY")
# Read again whenever it changes, so that a key can be rotated while the studio runs.
SEGMIND_API_KEY_FILE = environment.text("SEGMIND_API_KEY_FILE")
if SEGMIND_API_KEY and SEGMIND_API_KEY_FILE:
    raise ImproperlyConfigured("Set SEGMIND_API_KEY or SEGMIND_API_KEY_FILE, not both: which is the key?")
# Designers may order with their own keys. These are encrypted with the first of FIELD_KEYS and read with any of them.
STUDIO_OWN_KEYS = environment.flag("STUDIO_OWN_KEYS", default=False)
FIELD_KEYS = environment.words("FIELD_KEYS", [])
SANDBOX_PORT_FILE = DATA_DIR / "sandbox_port"
SANDBOX_PORT = environment.whole("SANDBOX_PORT", _last_sandbox_port(), low=1, high=65535)
SEGMIND_BASE_URL = environment.http_address(
    "SEGMIND_BASE_URL",
    "https://api.segmind.com" if SEGMIND_API_KEY or SEGMIND_API_KEY_FILE else f"http://127.0.0.1:{SANDBOX_PORT}",
)
# The stand-in takes any key of this form. By default it never gets a real one.
SANDBOX_KEY = "SG_local_sandbox"
SANDBOX_IN_USE = not (SEGMIND_API_KEY or SEGMIND_API_KEY_FILE)
# If SEGMIND_BASE_URL names a stand-in, somebody else starts it.
SANDBOX_IS_OURS = SANDBOX_IN_USE and not environment.text("SEGMIND_BASE_URL")
# The studio's stand-in takes as long as the real model does. Otherwise a sheet is there within three seconds.
SANDBOX_REAL_TIME = environment.flag("SANDBOX_REAL_TIME", default=False)
# If the record of a paid job is gone, its picture may still be in Segmind's request history, on another host.
SEGMIND_HISTORY = environment.flag("SEGMIND_HISTORY", default=False)
# Pictures may come from Segmind's own hosts and these. One from elsewhere is fetched only after its host is named here.
SEGMIND_PICTURE_HOSTS = environment.domains("SEGMIND_PICTURE_HOSTS")
# How long an order, and any other call, may stay without an answer. An order that is given up becomes "unknown".
SEGMIND_SUBMIT_SECONDS = environment.whole("SEGMIND_SUBMIT_SECONDS", 30, low=1, high=300)
SEGMIND_READ_SECONDS = environment.whole("SEGMIND_READ_SECONDS", 10, low=1, high=300)

# --- Work ------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = environment.broker("CELERY_BROKER_URL", f"embedded://{quote(str(DATA_DIR / 'broker.sqlite3'))}")

# --- The processes that `manage.py studio` starts --------------------------------------------------------------
ALL_PARTS = ("web", "worker", "scheduler", "sandbox")
PARTS = environment.some_of("PARTS", ALL_PARTS)
STUDIO_HOST = environment.text("STUDIO_HOST", "127.0.0.1")
PORT = environment.whole("PORT", 8000, low=1, high=65535)
WEB_PROCESSES = environment.whole("WEB_PROCESSES", 1, low=1, high=64)
WEB_THREADS = environment.whole("WEB_THREADS", 8, low=1, high=256)
WORKER_PROCESSES = environment.whole("WORKER_PROCESSES", 1, low=1, high=64)
WORKER_THREADS = environment.whole("WORKER_THREADS", 4, low=1, high=256)
# For all workers together, wherever they run. Half of the threads, because one of several workers may get more than
# its share.
CUTS_AT_ONCE = environment.whole("CUTS_AT_ONCE", WORKER_PROCESSES * max(1, WORKER_THREADS // 2), low=1, high=4096)

# --- What the operator sees --------------------------------------------------------------------------------------
METRICS_TOKEN = environment.text("METRICS_TOKEN")
_EXPOSURE = exposure.Exposure(
    accounts=STUDIO_ACCOUNTS,
    debug=DEBUG,
    https_only=HTTPS_ONLY,
    trusted_proxies=TRUSTED_PROXIES,
    listens_at=STUDIO_HOST,
    hosts=ALLOWED_HOSTS,
    origins=CSRF_TRUSTED_ORIGINS,
    url=STUDIO_URL,
    mails=MAIL_IS_SET_UP,
    own_keys=STUDIO_OWN_KEYS,
    secret_key=SECRET_KEY,
    field_keys=FIELD_KEYS,
    metrics_token=METRICS_TOKEN,
)
if _faults := _EXPOSURE.faults():
    raise ImproperlyConfigured(" ".join(_faults))
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_FORMATS = {"TEXT": "stickers.running.logs.Lines", "JSON": "stickers.running.logs.Objects"}
_FORMAT = environment.one_of("LOG_FORMAT", tuple(_FORMATS), "TEXT")
_SECRETS = (
    SECRET_KEY,
    SEGMIND_API_KEY,  # the key in SEGMIND_API_KEY_FILE and designers' own keys are hidden once they are read
    *FIELD_KEYS,
    EMAIL_HOST_PASSWORD,
    S3_ACCESS_KEY_ID,
    S3_SECRET_ACCESS_KEY,
    METRICS_TOKEN,
    *environment.passwords("CELERY_BROKER_URL"),
    *environment.passwords("DATABASE_URL"),
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": _FORMATS[_FORMAT], "secrets": tuple(filter(None, _SECRETS))}},
    "filters": {"without_refusals": {"()": "stickers.running.logs.WithoutRefusals"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.one_of("LOG_LEVEL", _LEVELS, "WARNING")},
    "loggers": {
        "stickers": {"level": environment.one_of("LOG_LEVEL", _LEVELS, "INFO")},
        # Each step of each order: useful for a collector, too much for a terminal.
        "stickers.orders": {
            "level": environment.one_of("LOG_LEVEL", _LEVELS, "INFO" if _FORMAT == "JSON" else "WARNING")
        },
        "django.request": {"filters": ["without_refusals"]},
        # httpx logs each address at INFO. The rows tell what happened at Segmind.
        "httpx": {"level": "WARNING"},
        "gunicorn.error": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
SENTRY_DSN = environment.text("SENTRY_DSN")
if SENTRY_DSN:
    import_module("stickers.running.sentry").start(SENTRY_DSN)
