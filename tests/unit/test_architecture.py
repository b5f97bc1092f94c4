"""The rooms of the package, and in which direction they may look."""

import ast
import re
from pathlib import Path

import pytest

import open_event_uploads

ROOT = Path(open_event_uploads.__file__).parent
PACKAGE = ROOT.name
MODULES = sorted(ROOT.rglob("*.py"))

every_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix()
)

# Which rooms each room may import from: admin → api; api, admin, cli → services → media, storage,
# models → errors, settings.
FOUNDATION = {"errors", "settings", "fault_points", "metrics"}
PARTS = {"media", "storage", "models"}
ALLOWED = {
    "errors": set[str](),
    "fault_points": set[str](),
    "metrics": set[str](),
    # Its values have the types of these two modules, which are pure; checked apart below.
    "settings": {"errors", "media"},
    "media": FOUNDATION,
    "storage": FOUNDATION,
    "models": FOUNDATION,
    "secret_key": FOUNDATION,
    "logs": FOUNDATION,
    "services": PARTS | FOUNDATION,
    "extensions": PARTS | FOUNDATION,
    "api": {"services", "extensions", "logs"} | PARTS | FOUNDATION,
    # Pages speak HTTP as the API does: what it knows of bodies, limits and errors holds for both.
    "admin": {"api", "services", "extensions"} | PARTS | FOUNDATION,
    # Receives requests for the API, and knows of it how it is told what to refuse.
    "front": {"api", "media"} | FOUNDATION,
    # Puts everything together.
    "app": {"api", "front", "admin", "extensions", "secret_key", "logs"} | PARTS | FOUNDATION,
    # Starts what has been put together.
    # Begins by importing the command line, when it has seen to how that is done.
    "start": set[str](),
    "cli": {"app", "services", "extensions", "logs"} | PARTS | FOUNDATION,
}
SETTINGS_MAY_IMPORT = {"errors", "media.formats", "media.policy"}

# What only the rooms that speak HTTP, SQL or to the terminal may know.
OUTSIDE = {
    "media": {"flask", "werkzeug", "sqlalchemy", "flask_sqlalchemy", "click", "pathlib"},
    "storage": {"flask", "werkzeug", "sqlalchemy", "flask_sqlalchemy", "click", "PIL"},
    "models": {"flask", "werkzeug", "flask_sqlalchemy", "click", "PIL"},
    "services": {"flask", "werkzeug", "flask_sqlalchemy", "click", "PIL", "rich"},
    "errors": {"flask", "werkzeug", "sqlalchemy", "click", "PIL"},
    "settings": {"flask", "werkzeug", "sqlalchemy", "click", "PIL"},
}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports_of(path: Path) -> set[str]:
    """The absolute name of everything a module imports."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own_imports_of(path: Path) -> set[str]:
    """What a module imports from this package, without the package's name."""
    return {
        name.removeprefix(f"{PACKAGE}.")
        for name in imports_of(path)
        if name.startswith(f"{PACKAGE}.")
    } - {"__version__"}


@every_module
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        assert own_imports_of(path) == set()
        return
    rooms = {name.partition(".")[0] for name in own_imports_of(path)}
    assert rooms <= ALLOWED[room] | {room}


def test_every_room_is_in_the_plan() -> None:
    assert {room_of(path) for path in MODULES} <= ALLOWED.keys() | {"__init__", "__main__"}


def test_settings_import_only_the_pure_types_of_their_values() -> None:
    names = own_imports_of(ROOT / "settings.py")
    assert {
        name for name in names if not name.startswith(tuple(f"{m}." for m in SETTINGS_MAY_IMPORT))
    } == set()
    for module in ("formats", "policy"):
        assert {name.partition(".")[0] for name in own_imports_of(ROOT / f"media/{module}.py")} <= {
            "errors"
        }


@every_module
def test_a_room_knows_only_its_own_trade(path: Path) -> None:
    names = {name.partition(".")[0] for name in imports_of(path)}
    assert names & OUTSIDE.get(room_of(path), set()) == set()


@every_module
def test_only_the_outermost_rooms_know_the_current_application(path: Path) -> None:
    if room_of(path) not in {"api", "admin", "cli", "extensions"}:
        assert "flask.current_app" not in imports_of(path)


@every_module
def test_imports_stand_at_the_top(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    inside = [
        f"{function.name}:{node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


@every_module
def test_no_module_is_a_drawer_for_everything(path: Path) -> None:
    parts = set(path.relative_to(ROOT).with_suffix("").parts)
    assert parts & {"utils", "util", "helpers", "helper", "common", "misc"} == set()


@every_module
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@every_module
def test_catching_everything_is_left_to_the_decoder_and_the_outermost_handler(path: Path) -> None:
    handlers = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]
    swallowing = [
        each.lineno
        for each in handlers
        if not any(isinstance(n, ast.Raise) for n in ast.walk(each))
    ]
    allowed = {"media/inspect.py", "media/orientation.py", "api/jsonapi/problems.py"}
    assert not swallowing or path.relative_to(ROOT).as_posix() in allowed


# What asks for rows of uploads, and what says that one whose lease is over is not there.
_ASKS_FOR_UPLOADS = re.compile(r"select\([^\n]*Upload|select_from\(Upload|\.get\(Upload")
_SAYS_WHICH = re.compile("find_upload|has_expired|is_kept|is_over|is_served")
# Whoever asks for the others too, and why.
_EVEN_EXPIRED = {
    "admin/users.py": "a user whose uploads wait for the sweeper cannot be deleted yet",
    "services/move_storage.py": "what waits for the sweeper moves too",
    "services/walk_uploads.py": "whoever walks says which",
    "services/delete_user.py": "as the pages for admins",
    "services/recount_usage.py": "bytes count until they are removed",
    "services/survey_storage.py": "what waits for the sweeper is no orphan",
}


@every_module
def test_what_finds_uploads_knows_that_a_lease_ends(path: Path) -> None:
    text = path.read_text("utf-8")
    if path.relative_to(ROOT).as_posix() not in _EVEN_EXPIRED and _ASKS_FOR_UPLOADS.search(text):
        assert _SAYS_WHICH.search(text)


@every_module
def test_one_upload_is_found_by_one_function(path: Path) -> None:
    is_the_one = path.relative_to(ROOT).as_posix() == "models/upload.py"
    assert is_the_one or ".get(Upload" not in path.read_text("utf-8")
