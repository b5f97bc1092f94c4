"""Define every setting: its type, its default, its unit, and what it is for.

Settings come from environment variables with the prefix `UPLOADS_`; the embedded default (SQLite
and a folder) needs none of them. An invalid value stops the start with one line that names its key.
"""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit

from limits import RateLimitItem, parse_many
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from open_event_uploads.errors import InvalidSettings
from open_event_uploads.imaging.formats import (
    FILES_BY_MEDIA_TYPE,
    MEDIA_TYPES,
    REGISTERED_NAMES,
    SVG,
)
from open_event_uploads.imaging.policy import MAX_PIXELS_CEILING, FilePolicy

PREFIX = "UPLOADS_"

# A worker's threads mostly wait: for fsync, for the write lock, for a storage that does not answer.
# No thread waits for a client.
WORKER_THREADS = 64

_PLAIN_URL = re.compile(r"https?://[^\s?#@]+", re.ASCII | re.IGNORECASE)

# Beside letters and digits (RFC 3986, section 3.3), with what is percent-encoded already.
_PATH_CHARACTERS = "/%:@!$&'()*+,;="

# A location of nginx that needs no quotes.
_LOCATION = re.compile(r"/(?:[A-Za-z0-9._-]+/)+")

ANY_ORIGIN = "*"

# As a browser serializes it: lower case, no path, no default port (RFC 6454, section 6.2), an IPv6
# address in brackets.
_ORIGIN = re.compile(
    r"(?!http://.*:80$|https://.*:443$)[a-z][a-z0-9+.-]*://"
    r"(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?"
)

# A shorter key could be guessed (RFC 8725, section 3.5).
_SECRET_KEY_MIN_CHARACTERS = 32
_KEY_FILES = ("-----BEGIN", "ssh-", "ecdsa-")


def _split_at_commas(value: object) -> object:
    return [item.strip() for item in value.split(",")] if isinstance(value, str) else value


Words = Annotated[frozenset[str], BeforeValidator(_split_at_commas)]


def _check_media_types(value: frozenset[str]) -> frozenset[str]:
    if not value:
        raise ValueError("at least one media type is needed")
    if SVG.media_type in value and find_spec("py_svg_hush") is None:
        raise ValueError(f"{SVG.media_type} needs the extra: pip install 'open-event-uploads[svg]'")
    return _check_known(value, MEDIA_TYPES | {SVG.media_type})


def _check_file_types(value: frozenset[str]) -> frozenset[str]:
    registered = frozenset(REGISTERED_NAMES.get(each, each) for each in value)
    return _check_known(registered, frozenset(FILES_BY_MEDIA_TYPE))


def _check_known(value: frozenset[str], known: frozenset[str]) -> frozenset[str]:
    if unknown := value - known:
        msg = f"unknown {', '.join(sorted(unknown))}; known are {','.join(sorted(known))}"
        raise ValueError(msg)
    return value


def _normalize_base_url(value: str) -> str:
    problem = "expected an http or https address without user, query and fragment"
    try:
        parts = urlsplit(value)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        raise ValueError(problem) from None
    if not (_PLAIN_URL.fullmatch(value) and host) or port == 0:
        raise ValueError(problem)
    # Scheme and host in lower case (RFC 3986, section 3), because links are compared as text; all
    # in ASCII, because header fields have links, too.
    authority = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    return f"{parts.scheme}://{authority}{quote(parts.path, _PATH_CHARACTERS)}".rstrip("/")


def _check_origins(value: frozenset[str]) -> frozenset[str]:
    if value == {ANY_ORIGIN}:
        return value
    found = frozenset(each.lower() for each in value)
    if not all(_ORIGIN.fullmatch(each) for each in found):
        raise ValueError(
            "each must be as browsers send it, scheme://host[:port] without a path or the "
            f"scheme's default port; or use a single {ANY_ORIGIN}"
        )
    return found


def _check_secrets(value: list[SecretStr]) -> list[SecretStr]:
    if any(len(key.get_secret_value()) < _SECRET_KEY_MIN_CHARACTERS for key in value):
        msg = f"each key needs at least {_SECRET_KEY_MIN_CHARACTERS} characters"
        raise ValueError(msg)
    # PyJWT refuses these for HMAC, because a public key is not secret.
    if any(key.get_secret_value().lstrip().startswith(_KEY_FILES) for key in value):
        raise ValueError("expected a secret, not a key in PEM or of SSH")
    return value


def _check_secret(value: SecretStr | None) -> SecretStr | None:
    return value and _check_secrets([value])[0]


BaseUrl = Annotated[str, AfterValidator(_normalize_base_url)]

OFF = "off"
# It fits into a parameter of a structured header field (RFC 9651, section 3.3.1).
_MAX_RATE = 10**9


def _check_rates(value: str) -> str:
    value = value.strip().lower()
    if value == OFF:
        return value
    problem = f"expected {OFF}, or rates such as 600/minute;5000/hour"
    try:
        found = parse_many(value)
    except ValueError:
        raise ValueError(problem) from None
    if any(not 0 < each.amount <= _MAX_RATE or each.get_expiry() < 1 for each in found):
        raise ValueError(problem)
    if len({each.get_expiry() for each in found}) < len(found):
        raise ValueError("only one rate for each length of time is allowed")
    return value


Rates = Annotated[str, AfterValidator(_check_rates)]


def parse_rates(value: str) -> list[RateLimitItem]:
    """Return the rate limits of a setting, the shortest time first; none if it is off."""
    return [] if value == OFF else sorted(parse_many(value))


def _check_location(value: str) -> str:
    if not _LOCATION.fullmatch(value):
        raise ValueError("expected a path such as /stored/")
    return value


def _check_redis_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host = bool(parts.hostname) and parts.port != 0
        is_valid = host if parts.scheme in {"redis", "rediss"} else bool(parts.path)
        is_valid = is_valid and parts.scheme in {"redis", "rediss", "redis+unix"}
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError("expected redis://host:port/0, rediss://… or redis+unix:///path")
    return value


_DURATION = re.compile(r"([0-9]{1,6}) ?(minute|hour|day|week)s?", re.IGNORECASE)
# A longer lease is more likely a typing error: an upload without a lease is kept for good.
LONGEST_LEASE = timedelta(days=3660)


def _parse_duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    found = timedelta(**{f"{match[2].lower()}s": int(match[1])}) if match else timedelta()
    if not timedelta() < found <= LONGEST_LEASE:
        raise ValueError(
            "expected a whole number of minutes, hours, days or weeks, such as 24 hours, "
            f"and at most {LONGEST_LEASE.days} days"
        )
    return found


def _parse_networks(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return [ip_network(each.strip()) for each in value.split(",")]
    except ValueError:
        raise ValueError(
            "expected networks such as 10.0.0.0/8,fd00::/8 or single addresses, comma-separated"
        ) from None


def _quote(path: Path) -> str:
    """Quote what has a meaning in the address of a SQLite database (SQLAlchemy, "Engine URLs")."""
    return str(path).replace("%", "%25").replace("?", "%3F")


class Settings(BaseModel):
    """Hold the settings in force; immutable, one object for each process."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    data_dir: Path = Field(
        default=Path("instance"),
        description="where the embedded default keeps everything, with its generated secret",
    )
    secret_key: Annotated[
        list[SecretStr], BeforeValidator(_split_at_commas), AfterValidator(_check_secrets)
    ] = Field(
        default=[],
        description="signs sessions and links; a comma-separated list allows rotation: the first "
        "signs, all verify. Required where database or storage are elsewhere",
    )
    database_url: str = Field(
        default="",
        description="sqlite:////path, or postgresql://user:password@host/name, which needs "
        "the extra [postgres]",
    )
    database_pool_size: int = Field(
        default=20,
        ge=2,
        le=WORKER_THREADS,
        description="connections to PostgreSQL that a worker keeps, with up to ten more at peaks; "
        "all workers together must stay below the server's max_connections",
    )
    database_statement_timeout: int = Field(
        default=30,
        ge=0,
        le=24 * 3600,
        description="seconds after which PostgreSQL cancels a statement; 0 for never",
    )
    read_only: bool = Field(
        default=False,
        description="answers every write with 503, while the database is moved",
    )
    storage_url: str = Field(
        default="",
        description="where files are kept: file:///path, or s3://bucket/prefix?endpoint=…, which "
        "needs the extra [s3]",
    )
    storage_previous_url: str = Field(
        default="",
        description="where files were kept before, while they are moved: both are read, only "
        "STORAGE_URL is written",
    )
    public_url: BaseUrl = Field(
        default="http://127.0.0.1:8000", description="what every link starts with"
    )
    media_url: BaseUrl = Field(
        default="",
        validate_default=False,
        description="what links to files start with, such as the address of a CDN",
    )
    private_redirect: bool = Field(
        default=False,
        description="redirects requests for private files to the bucket, which browsers must reach "
        "at STORAGE_URL's endpoint, with a signed URL that is valid for a minute",
    )
    x_accel_prefix: Annotated[str, AfterValidator(_check_location)] = Field(
        default="",
        validate_default=False,
        description="nginx's internal location of the storage's folder, if nginx sends files",
    )
    max_bytes: ByteSize = Field(
        default=ByteSize(25 * 1024**2), ge=1, description="decoded size of one file, bytes"
    )
    max_pixels: int = Field(
        default=50_000_000, ge=1, le=MAX_PIXELS_CEILING, description="width x height of one frame"
    )
    media_types: Annotated[Words, AfterValidator(_check_media_types)] = Field(
        default=MEDIA_TYPES,
        description="media types of images to accept, comma-separated; image/svg+xml needs "
        "the extra [svg]",
    )
    file_types: Annotated[Words, AfterValidator(_check_file_types)] = Field(
        default=frozenset(),
        description="media types of other files that /v1/upload/files accepts, comma-separated",
    )
    variants: Literal["lazy", "eager"] = Field(
        default="lazy",
        description="renders variants when they are first fetched (lazy) or at upload (eager)",
    )
    metadata: Literal["strip", "keep"] = Field(
        default="strip", description="removes or keeps metadata such as places and names"
    )
    resumable_draft: bool = Field(
        default=False,
        description='takes resumable uploads also by the draft "Resumable Uploads for HTTP"',
    )
    anonymous_uploads: bool = Field(
        default=False, description="accepts uploads without a token; for trusted networks only"
    )
    cors_origins: Annotated[Words, AfterValidator(_check_origins)] = Field(
        default=frozenset(),
        description="origins whose pages may call this server, comma-separated; * for any",
    )
    jwt_secret: Annotated[SecretStr | None, AfterValidator(_check_secret)] = Field(
        default=None, description="shared secret that verifies another service's tokens (HS256)"
    )
    jwt_public_key: str = Field(
        default="",
        description="public key that verifies another service's tokens: PEM, or a file with it "
        "(RS256 or ES256, depending on the key)",
    )
    jwt_jwks_file: Path | None = Field(
        default=None,
        description="file with a JSON Web Key Set that verifies them; read at the start",
    )
    jwt_audience: str = Field(default="", description="audience these tokens must have (`aud`)")
    jwt_issuer: str = Field(default="", description="issuer these tokens must have (`iss`)")
    jwt_create_users: bool = Field(
        default=False, description="creates a member for an unknown subject (`sub`)"
    )
    trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_parse_networks)
    ] = Field(
        default=(),
        description="networks of proxies whose X-Forwarded-For is trusted, comma-separated",
    )
    rate_limits: Rates = Field(
        default="600/minute",
        description="files that a user, or an address without one, may send; off for no limit",
    )
    sign_in_rate_limits: Rates = Field(
        default="10/minute",
        description="attempts to sign in for each address and each email; off for no limit",
    )
    redis_url: Annotated[str, AfterValidator(_check_redis_url)] = Field(
        default="",
        validate_default=False,
        description="where all workers count rates together, such as redis://host:6379/0; "
        "without it, each counts alone",
    )
    quota_bytes: ByteSize | None = Field(
        default=None, ge=1, description="bytes of all files of a user"
    )
    daily_bytes: ByteSize | None = Field(
        default=None, ge=1, description="bytes that a user may send in a day (UTC)"
    )
    expires_after: Annotated[timedelta | None, BeforeValidator(_parse_duration)] = Field(
        default=None,
        description="how long an upload without `expires-at` is kept, such as 24 hours",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="format of the log; json for programs"
    )
    log_sample: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="share of requests without an error that are logged; errors always are",
    )
    metrics_token: Annotated[SecretStr | None, AfterValidator(_check_secret)] = Field(
        default=None, description="token for /metrics, which answers 404 without one"
    )
    page_size: int = Field(default=20, ge=1, le=1000, description="default of page[size]")
    max_page_size: int = Field(default=100, ge=1, le=1000, description="maximum of page[size]")

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, values: Any) -> Any:  # noqa: ANN401 - pydantic's signature
        """Fill in defaults that derive from other settings."""
        try:
            data_dir = Path(values.get("data_dir") or "instance").expanduser().resolve()
        except (RuntimeError, OSError, ValueError):
            raise ValueError(f"{PREFIX}DATA_DIR: no such folder") from None
        public_url = values.get("public_url") or cls.model_fields["public_url"].default
        return {
            "database_url": f"sqlite:///{_quote(data_dir / 'uploads.db')}",
            "storage_url": (data_dir / "storage").as_uri(),
            "media_url": f"{str(public_url).rstrip('/')}/media",
            **values,
            "data_dir": data_dir,
        }

    @model_validator(mode="after")
    def _check_issuer(self) -> Self:
        _, *others = given = self._keys_of_issuer() or [""]
        if others:
            raise ValueError(
                f"{PREFIX}{others[0].upper()}: exactly one key can verify tokens issued elsewhere, "
                f"and {PREFIX}{given[0].upper()} is set too; unset one"
            )
        for name in ("jwt_audience", "jwt_issuer", "jwt_create_users"):
            if getattr(self, name) and not given[0]:
                raise ValueError(
                    f"{PREFIX}{name.upper()}: needs {PREFIX}JWT_SECRET, "
                    f"{PREFIX}JWT_PUBLIC_KEY or {PREFIX}JWT_JWKS_FILE"
                )
        if self.jwt_secret and self.jwt_secret in self.secret_key:
            raise ValueError(
                f"{PREFIX}JWT_SECRET: must differ from every key in {PREFIX}SECRET_KEY"
            )
        return self

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.page_size > self.max_page_size:
            raise ValueError(f"{PREFIX}PAGE_SIZE: larger than {PREFIX}MAX_PAGE_SIZE")
        if self.x_accel_prefix and not self.embedded_storage:
            raise ValueError(
                f"{PREFIX}X_ACCEL_PREFIX: nginx can only send files of a folder, and "
                f"{PREFIX}STORAGE_URL is not one"
            )
        if self.private_redirect and not self.storage_url.startswith("s3:"):
            raise ValueError(
                f"{PREFIX}PRIVATE_REDIRECT: only a bucket has signed URLs, and "
                f"{PREFIX}STORAGE_URL is not one"
            )
        if not self.secret_key and not (self.embedded_database and self.embedded_storage):
            raise ValueError(
                f"{PREFIX}SECRET_KEY: required when database or storage are elsewhere, "
                "because all workers must use the same"
            )
        return self

    @property
    def policy(self) -> FilePolicy:
        """Return the limits of what may be stored."""
        return FilePolicy(
            self.media_types,
            int(self.max_bytes),
            self.max_pixels,
            quota_bytes=None if self.quota_bytes is None else int(self.quota_bytes),
            daily_bytes=None if self.daily_bytes is None else int(self.daily_bytes),
        )

    @property
    def trusts_issuer(self) -> bool:
        """Return whether another service's tokens are accepted."""
        return bool(self._keys_of_issuer())

    def _keys_of_issuer(self) -> list[str]:
        names = ("jwt_secret", "jwt_public_key", "jwt_jwks_file")
        return [name for name in names if getattr(self, name)]

    @property
    def embedded_database(self) -> bool:
        """Return whether the database is SQLite, which the server migrates by itself."""
        return self.database_url.startswith("sqlite")

    @property
    def embedded_storage(self) -> bool:
        """Return whether the bytes are kept in a folder of this machine."""
        urls = filter(None, (self.storage_url, self.storage_previous_url))
        return all(each.startswith("file:") for each in urls)


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment.

    Args:
        overrides: settings by name, which take precedence over the environment.

    Raises:
        InvalidSettings: a value is invalid; the text names the key and the problem.
    """
    try:
        return Settings.model_validate({**_read_environment(), **overrides})
    except ValidationError as error:
        problems = {_key(dict(each)): _explain(dict(each)) for each in error.errors()}
        if "public_url" in problems:
            problems.pop("media_url", None)  # derived from it
        raise InvalidSettings("; ".join(problems.values())) from None


def _read_environment() -> dict[str, str]:
    """Return the settings that environment variables give; an empty one counts as absent."""
    variables = {name.upper(): value for name, value in os.environ.items() if value}
    keys = {name: f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    return {name: variables[key] for name, key in keys.items() if key in variables}


def _key(problem: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in problem["loc"][:1])


def _explain(problem: Mapping[str, Any]) -> str:
    """Return one clause without the value, which may be a secret."""
    message = str(problem["msg"]).removeprefix("Value error, ")
    key = _key(problem)
    clause = f"{PREFIX}{key.upper()}: {message}" if key else message
    return " ".join(clause.split())
