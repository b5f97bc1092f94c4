"""Test the settings, and the one line that names the key of an invalid value."""

from datetime import timedelta
from pathlib import Path

import pytest

from open_event_uploads.app import create_app
from open_event_uploads.errors import InvalidSettings
from open_event_uploads.imaging.formats import MEDIA_TYPES
from open_event_uploads.settings import Settings, load_settings, parse_rates
from open_event_uploads.storage import open_storage
from open_event_uploads.storage.local import LocalStorage

SECRET = "s3cret-" * 6
ANOTHER_SECRET = "an0ther-" * 5


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in Settings.model_fields:
        monkeypatch.delenv(f"UPLOADS_{key.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def setenv(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return monkeypatch


def refusal_of(monkeypatch: pytest.MonkeyPatch, key: str, value: str) -> str:
    monkeypatch.setenv(f"UPLOADS_{key}", value)
    with pytest.raises(InvalidSettings) as refusal:
        load_settings()
    return str(refusal.value)


# --- Values -----------------------------------------------------------------------------------


def test_the_embedded_default_needs_nothing(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.data_dir == tmp_path / "instance"
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/uploads.db"
    assert settings.storage_url == f"file://{tmp_path}/instance/storage"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.media_url == "http://127.0.0.1:8000/media"
    assert settings.max_bytes == 25 * 1024**2
    assert settings.max_pixels == 50_000_000
    assert settings.media_types == MEDIA_TYPES
    assert (settings.page_size, settings.max_page_size) == (20, 100)
    assert settings.anonymous_uploads is False
    assert settings.secret_key == []
    assert (settings.rate_limits, settings.sign_in_rate_limits) == ("600/minute", "10/minute")
    assert (settings.quota_bytes, settings.daily_bytes) == (None, None)
    assert settings.expires_after is None
    assert (settings.redis_url, settings.trusted_proxies) == ("", ())


def test_loading_makes_nothing(tmp_path: Path) -> None:
    load_settings()
    assert list(tmp_path.iterdir()) == []


def test_what_follows_from_the_data_folder_and_the_public_address(
    setenv: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setenv.setenv("UPLOADS_DATA_DIR", "here/../there")
    setenv.setenv("UPLOADS_PUBLIC_URL", "HTTPS://Uploads.example.org/base/")
    settings = load_settings()
    assert settings.data_dir == tmp_path / "there"
    assert settings.database_url == f"sqlite:///{tmp_path}/there/uploads.db"
    assert settings.public_url == "https://uploads.example.org/base"
    assert settings.media_url == "https://uploads.example.org/base/media"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://bücher.example:8443/Bücher/", "https://xn--bcher-kva.example:8443/B%C3%BCcher"),
        ("http://[::1]:8000/%7Ea/", "http://[::1]:8000/%7Ea"),
    ],
)
def test_addresses_are_ascii_because_header_fields_have_them(
    setenv: pytest.MonkeyPatch, given: str, kept: str
) -> None:
    setenv.setenv("UPLOADS_PUBLIC_URL", given)
    settings = load_settings()
    assert (settings.public_url, settings.media_url) == (kept, f"{kept}/media")


def test_what_follows_gives_way_to_what_is_said(setenv: pytest.MonkeyPatch) -> None:
    setenv.setenv("UPLOADS_MEDIA_URL", "https://cdn.example.org/")
    setenv.setenv("UPLOADS_STORAGE_URL", "file:///srv/bytes")
    settings = load_settings()
    assert settings.media_url == "https://cdn.example.org"
    assert settings.storage_url == "file:///srv/bytes"


@pytest.mark.parametrize("name", ["with space", "100%", "a%41b", "a#b", "a?b", "é", "a+b", "a;b"])
def test_a_data_folder_may_have_any_name(
    setenv: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    setenv.setenv("UPLOADS_DATA_DIR", str(tmp_path / name))
    settings = load_settings()
    storage = open_storage(settings.storage_url)
    assert isinstance(storage, LocalStorage)
    assert storage.root == tmp_path / name / "storage"
    with create_app(settings).app_context():
        pass
    assert (tmp_path / name).is_dir()
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_an_empty_variable_is_one_that_is_not_set(setenv: pytest.MonkeyPatch) -> None:
    for key in Settings.model_fields:
        setenv.setenv(f"UPLOADS_{key.upper()}", "")
    assert load_settings().max_bytes == 25 * 1024**2


def test_what_a_caller_gives_wins_over_the_environment(setenv: pytest.MonkeyPatch) -> None:
    setenv.setenv("UPLOADS_PAGE_SIZE", "7")
    assert load_settings().page_size == 7
    assert load_settings(page_size=8).page_size == 8


def test_settings_do_not_change() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.page_size = 3


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("26214400", 26_214_400),
        ("25 MiB", 25 * 1024**2),
        ("25MiB", 25 * 1024**2),
        ("25mib", 25 * 1024**2),
        ("25 MB", 25_000_000),
        ("1.5 KiB", 1536),
        ("1GiB", 1024**3),
    ],
)
def test_a_size_may_have_a_unit(setenv: pytest.MonkeyPatch, text: str, size: int) -> None:
    setenv.setenv("UPLOADS_MAX_BYTES", text)
    assert load_settings().max_bytes == size


@pytest.mark.parametrize(
    ("text", "hours"),
    [("24 hours", 24), ("1 hour", 1), ("90 minutes", 1.5), ("2days", 48), (" 1 WEEK ", 168)],
)
def test_a_duration_has_a_unit(setenv: pytest.MonkeyPatch, text: str, hours: float) -> None:
    setenv.setenv("UPLOADS_EXPIRES_AFTER", text)
    assert load_settings().expires_after == timedelta(hours=hours)


@pytest.mark.parametrize(
    "text", ["24", "0 hours", "-1 hours", "1.5 hours", "3661 days", "999999 weeks", "soon", "P1D"]
)
def test_what_is_no_duration_is_refused(setenv: pytest.MonkeyPatch, text: str) -> None:
    said = refusal_of(setenv, "EXPIRES_AFTER", text)
    assert said.startswith("UPLOADS_EXPIRES_AFTER: expected a whole number of minutes")


@pytest.mark.parametrize(
    "text", ["image/png,image/gif", " image/png , image/gif ", "image/gif,image/png,image/gif"]
)
def test_a_list_is_separated_by_commas(setenv: pytest.MonkeyPatch, text: str) -> None:
    setenv.setenv("UPLOADS_MEDIA_TYPES", text)
    assert load_settings().media_types == {"image/png", "image/gif"}


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False)]
)
def test_a_switch(setenv: pytest.MonkeyPatch, text: str, *, value: bool) -> None:
    setenv.setenv("UPLOADS_ANONYMOUS_UPLOADS", text)
    assert load_settings().anonymous_uploads is value


def test_the_policy_is_made_from_the_settings() -> None:
    policy = load_settings(max_bytes=7, max_pixels=9, media_types="image/gif").policy
    assert policy.max_bytes == 7
    assert policy.max_pixels == 9
    assert policy.media_types == {"image/gif"}
    assert policy.max_frames == 500


@pytest.mark.parametrize("text", ["10.0.0.0/8,fd00::/8", " 10.0.0.0/8 , fd00::/8"])
def test_networks(setenv: pytest.MonkeyPatch, text: str) -> None:
    setenv.setenv("UPLOADS_TRUSTED_PROXIES", text)
    assert [str(each) for each in load_settings().trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("off", []),
        ("OFF", []),
        ("600/minute", [(600, 60)]),
        ("10 per 5 minutes", [(10, 300)]),
        ("1000/day; 5 per second", [(5, 1), (1000, 86_400)]),
        ("5/second,100/hour|7/minute", [(5, 1), (7, 60), (100, 3600)]),
    ],
)
def test_rates(setenv: pytest.MonkeyPatch, text: str, found: list[tuple[int, int]]) -> None:
    setenv.setenv("UPLOADS_RATE_LIMITS", text)
    rates = parse_rates(load_settings().rate_limits)
    assert [(each.amount, each.get_expiry()) for each in rates] == found


@pytest.mark.parametrize("url", ["redis://h", "rediss://u:p@h:6380/1", "redis+unix:///run/redis"])
def test_where_redis_is(setenv: pytest.MonkeyPatch, url: str) -> None:
    setenv.setenv("UPLOADS_REDIS_URL", url)
    assert load_settings().redis_url == url


# --- Refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DATA_DIR", "~nobody-of-this-name/uploads"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", f"{SECRET},short"),
        ("SECRET_KEY", f"{SECRET},"),
        ("SECRET_KEY", ","),
        ("PUBLIC_URL", "uploads.example.org"),
        ("PUBLIC_URL", "//uploads.example.org"),
        ("PUBLIC_URL", "ftp://uploads.example.org"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("PUBLIC_URL", "http://"),
        ("PUBLIC_URL", "http:///path"),
        ("PUBLIC_URL", "http://[::1"),
        ("PUBLIC_URL", "http://ada:secret@h"),
        ("PUBLIC_URL", "http://ada@h/path"),
        ("PUBLIC_URL", "http://h?x=1"),
        ("PUBLIC_URL", "http://h?"),
        ("PUBLIC_URL", "http://h#part"),
        ("PUBLIC_URL", "http://h:port"),
        ("PUBLIC_URL", "http://bücher..example"),
        ("PUBLIC_URL", "http://h:99999"),
        ("PUBLIC_URL", "http://h/two words"),
        ("PUBLIC_URL", "http://h/\nX-Header: y"),
        ("MEDIA_URL", "cdn"),
        ("MEDIA_URL", "s3://bucket"),
        ("MAX_BYTES", "0"),
        ("MAX_BYTES", "-1"),
        ("MAX_BYTES", "lots"),
        ("MAX_BYTES", "1 parsec"),
        ("MAX_BYTES", "nan"),
        ("MAX_BYTES", "9" * 5000),
        ("MAX_PIXELS", "0"),
        ("MAX_PIXELS", "200000001"),
        ("MAX_PIXELS", "50M"),
        ("MEDIA_TYPES", "image/tiff"),
        ("MEDIA_TYPES", "image/png,text/html"),
        ("MEDIA_TYPES", "png"),
        ("MEDIA_TYPES", ","),
        ("FILE_TYPES", "pdf"),
        ("FILE_TYPES", "application/pdf,text/html"),
        ("FILE_TYPES", "image/png"),
        ("MEDIA_TYPES", "image/png\nimage/gif"),
        ("ANONYMOUS_UPLOADS", "perhaps"),
        ("PAGE_SIZE", "0"),
        ("PAGE_SIZE", "101"),
        ("PAGE_SIZE", "ten"),
        ("MAX_PAGE_SIZE", "0"),
        ("MAX_PAGE_SIZE", "1001"),
        ("RATE_LIMITS", "many"),
        ("RATE_LIMITS", "600"),
        ("RATE_LIMITS", "600/minute, off"),
        ("RATE_LIMITS", "0/minute"),
        ("RATE_LIMITS", "-1/minute"),
        ("RATE_LIMITS", "1/parsec"),
        ("RATE_LIMITS", "1/minute;2/60 seconds"),
        ("RATE_LIMITS", "9" * 5000 + "/minute"),
        ("RATE_LIMITS", "9999999999/minute"),
        ("SIGN_IN_RATE_LIMITS", "often"),
        ("TRUSTED_PROXIES", "proxy.example.org"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,"),
        ("TRUSTED_PROXIES", "*"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "http://127.0.0.1:6379"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://127.0.0.1:port"),
        ("REDIS_URL", "redis+unix://"),
        ("QUOTA_BYTES", "0"),
        ("QUOTA_BYTES", "much"),
        ("DAILY_BYTES", "-1"),
    ],
)
def test_a_bad_value_is_one_line_that_names_its_key(
    setenv: pytest.MonkeyPatch, key: str, value: str
) -> None:
    message = refusal_of(setenv, key, value)
    assert message.startswith(f"UPLOADS_{key}: ")
    assert message.splitlines() == [message]
    assert len(message) < 600


def test_several_bad_values_are_named_together(setenv: pytest.MonkeyPatch) -> None:
    setenv.setenv("UPLOADS_MAX_BYTES", "lots")
    message = refusal_of(setenv, "PAGE_SIZE", "ten")
    assert "UPLOADS_MAX_BYTES: " in message
    assert "UPLOADS_PAGE_SIZE: " in message
    assert "\n" not in message


def test_a_bad_public_address_is_not_blamed_on_the_media_address(
    setenv: pytest.MonkeyPatch,
) -> None:
    assert "UPLOADS_MEDIA_URL" not in refusal_of(setenv, "PUBLIC_URL", "nonsense")


def test_a_page_larger_than_the_largest_names_both_keys(setenv: pytest.MonkeyPatch) -> None:
    message = refusal_of(setenv, "MAX_PAGE_SIZE", "10")
    assert "UPLOADS_PAGE_SIZE" in message
    assert "UPLOADS_MAX_PAGE_SIZE" in message


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "sqlitely:///x"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:////srv/what?/uploads.db"),
        ("DATABASE_URL", "nosuchdatabase://uploads:hunter2hunter2@db/uploads"),
        ("DATABASE_URL", "postgresql+nosuchdriver://uploads:hunter2hunter2@db/uploads"),
        ("STORAGE_URL", "nonsense"),
        ("STORAGE_URL", "file:relative"),
        ("STORAGE_URL", "nosuchstore://key:hunter2hunter2@bucket"),
        ("STORAGE_URL", "file://[bad"),
    ],
)
def test_a_bad_address_stops_the_start_with_one_line_that_names_its_key(
    setenv: pytest.MonkeyPatch, key: str, value: str
) -> None:
    setenv.setenv(f"UPLOADS_{key}", value)
    setenv.setenv("UPLOADS_SECRET_KEY", SECRET)
    with pytest.raises(InvalidSettings) as refusal:
        create_app()
    message = str(refusal.value)
    assert message.startswith(f"UPLOADS_{key}: ")
    assert "\n" not in message
    assert "hunter2" not in message


# --- Secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["hunter2", f"{SECRET},hunter2", "hunter2,hunter2"])
def test_a_refusal_does_not_show_the_secret(setenv: pytest.MonkeyPatch, value: str) -> None:
    message = refusal_of(setenv, "SECRET_KEY", value)
    assert "hunter2" not in message
    assert SECRET not in message
    assert "32" in message


def test_another_bad_value_does_not_show_the_secret(setenv: pytest.MonkeyPatch) -> None:
    setenv.setenv("UPLOADS_SECRET_KEY", SECRET)
    setenv.setenv("UPLOADS_PAGE_SIZE", "50")
    assert SECRET not in refusal_of(setenv, "MAX_PAGE_SIZE", "10")


def test_settings_do_not_show_the_secret_when_they_are_printed() -> None:
    settings = load_settings(secret_key=SECRET)
    assert SECRET not in f"{settings} {settings!r} {settings.model_dump()} "
    assert SECRET not in settings.model_dump_json()


def test_several_keys_allow_rotation() -> None:
    keys = load_settings(secret_key=f"{SECRET} , {ANOTHER_SECRET}").secret_key
    assert [key.get_secret_value() for key in keys] == [SECRET, ANOTHER_SECRET]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("DATABASE_URL", "postgresql+psycopg://db/uploads"),
        ("STORAGE_URL", "s3://bucket/prefix?endpoint=http://s3.example.org"),
    ],
)
def test_a_secret_is_required_when_workers_must_agree(
    setenv: pytest.MonkeyPatch, key: str, value: str
) -> None:
    message = refusal_of(setenv, key, value)
    assert message.startswith("UPLOADS_SECRET_KEY: required")
    setenv.setenv("UPLOADS_SECRET_KEY", SECRET)
    assert load_settings().model_dump()[key.lower()] == value


@pytest.mark.parametrize("url", ["sqlite:////srv/uploads.db", "sqlite+pysqlite:////srv/uploads.db"])
def test_sqlite_is_embedded_wherever_it_lies(url: str) -> None:
    assert load_settings(database_url=url).embedded_database


def test_another_database_is_not_embedded() -> None:
    settings = load_settings(
        database_url="postgresql+psycopg://db/x", storage_url="s3://b", secret_key=SECRET
    )
    assert not settings.embedded_database
    assert not settings.embedded_storage
