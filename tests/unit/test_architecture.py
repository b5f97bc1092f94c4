"""The packages, and the direction in which they import each other."""

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

FOUNDATION = {"blocking", "errors", "settings", "fault_points", "metrics", "positioned_write"}
PARTS = {"jsonapi", "imaging", "storage", "database", "context", "server", "current"}
FEATURES = {"uploads", "variants", "accounts", "maintenance"}
# Which packages each package may import: cli, admin, open_event, openapi → features → parts →
# foundation. Within the parts and the features, the arrows of this table and no others.
ALLOWED = {
    "blocking": set[str](),
    "confined": set[str](),
    "errors": set[str](),
    "fault_points": set[str](),
    "metrics": set[str](),
    "positioned_write": set[str](),
    "current": set[str](),
    # The types of its values are in two modules without imports; checked below.
    "settings": {"errors", "imaging"},
    "imaging": {"confined"} | FOUNDATION,
    "storage": FOUNDATION,
    "database": FOUNDATION,
    "context": {"storage", "database", "current"} | FOUNDATION,
    "jsonapi": {"imaging", "database", "current"} | FOUNDATION - {"settings"},
    "server": {"jsonapi", "imaging", "context", "current"} | FOUNDATION,
    "accounts": PARTS | FOUNDATION,
    "variants": PARTS | FOUNDATION,
    "uploads": {"accounts", "variants"} | PARTS | FOUNDATION,
    "maintenance": {"confined"} | (FEATURES - {"maintenance"}) | PARTS | FOUNDATION,
    "open_event": FEATURES | PARTS | FOUNDATION,
    "openapi": FEATURES | PARTS | FOUNDATION,
    "admin": FEATURES | PARTS | FOUNDATION,
    "app": FEATURES | PARTS | FOUNDATION | {"admin", "openapi", "open_event"},
    "cli": {"app"} | FEATURES | PARTS | FOUNDATION,
    # It disables the collector before it imports the command line by name.
    "__main__": set[str](),
}
SETTINGS_MAY_IMPORT = {"errors", "imaging.formats", "imaging.policy"}

# What only the packages that speak HTTP, SQL or to the terminal may know.
OUTSIDE = {
    "confined": {"flask", "werkzeug", "sqlalchemy", "flask_sqlalchemy", "click", "PIL"},
    "imaging": {"flask", "werkzeug", "sqlalchemy", "flask_sqlalchemy", "click", "pathlib"},
    "storage": {"flask", "werkzeug", "sqlalchemy", "flask_sqlalchemy", "click", "PIL"},
    "database": {"flask", "werkzeug", "flask_sqlalchemy", "click", "PIL"},
    "maintenance": {"flask", "werkzeug", "flask_sqlalchemy", "click", "PIL", "rich"},
    "errors": {"flask", "werkzeug", "sqlalchemy", "click", "PIL"},
    "settings": {"flask", "werkzeug", "sqlalchemy", "click", "PIL"},
}


def package_of(path: Path) -> str:
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
    package = package_of(path)
    if package == "__init__":
        assert own_imports_of(path) == set()
        return
    packages = {name.partition(".")[0] for name in own_imports_of(path)}
    assert packages <= ALLOWED[package] | {package}


def module_of(path: Path) -> str:
    """The dotted name of a module, below the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def module_graph() -> dict[str, set[str]]:
    """What each module imports from this package, for types alone, too."""
    modules = {module_of(path): path for path in MODULES}
    graph = dict[str, set[str]]()
    for module, path in modules.items():
        names = own_imports_of(path)
        # `from a.b import c` names the module `a.b.c`, or what stands in `a.b`.
        graph[module] = {name if name in modules else name.rpartition(".")[0] for name in names} - {
            module
        }
    return graph


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """The nodes of one cycle in their order, the first again at the end; none where there is none.

    What imports nothing that is left is taken off until nothing can be: only cycles stay, and what
    leads to them.
    """
    left = {node: targets & graph.keys() - {node} for node, targets in graph.items()}
    while done := {node for node, targets in left.items() if not targets}:
        left = {node: targets - done for node, targets in left.items() if node not in done}
    if not left:
        return []
    way = [min(left)]
    while (following := min(left[way[-1]])) not in way:
        way.append(following)
    return [*way[way.index(following) :], following]


def test_no_modules_import_each_other_even_for_types() -> None:
    cycle = cycle_in(module_graph())
    assert not cycle, f"these import each other: {' -> '.join(cycle)}"


def test_no_packages_import_each_other() -> None:
    packages = dict[str, set[str]]()
    for path in MODULES:
        names = {name.partition(".")[0] for name in own_imports_of(path)}
        packages.setdefault(package_of(path), set()).update(names)
    # Checked above: settings know the pure types of their values, and these import errors alone.
    packages["settings"] = {"errors"}
    cycle = cycle_in(packages)
    assert not cycle, f"these packages import each other: {' -> '.join(cycle)}"


@pytest.mark.parametrize(
    ("graph", "cycle"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set[str]()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ["b", "c", "b"]),
        ({"a": {"a", "elsewhere"}}, []),
    ],
)
def test_a_cycle_is_found_and_named(graph: dict[str, set[str]], cycle: list[str]) -> None:
    assert cycle_in(graph) == cycle


def test_every_package_is_in_the_plan() -> None:
    assert {package_of(path) for path in MODULES} <= ALLOWED.keys() | {"__init__"}


def test_settings_import_only_the_pure_types_of_their_values() -> None:
    names = own_imports_of(ROOT / "settings.py")
    assert {
        name for name in names if not name.startswith(tuple(f"{m}." for m in SETTINGS_MAY_IMPORT))
    } == set()
    for module in ("formats", "policy"):
        assert {
            name.partition(".")[0] for name in own_imports_of(ROOT / f"imaging/{module}.py")
        } <= {"errors"}


@every_module
def test_a_package_knows_only_its_own_trade(path: Path) -> None:
    names = {name.partition(".")[0] for name in imports_of(path)}
    assert names & OUTSIDE.get(package_of(path), set()) == set()


@every_module
def test_only_the_outermost_packages_know_the_current_application(path: Path) -> None:
    packages = {name.partition(".")[0] for name in own_imports_of(path)}
    if package_of(path) in OUTSIDE:
        assert packages & {"context", "current"} == set()


@every_module
def test_one_module_knows_the_proxies_of_flask(path: Path) -> None:
    if package_of(path) != "current":
        assert imports_of(path) & {"flask.current_app", "flask.g", "flask.request"} == set()


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


# First words of a docstring that describe instead of saying what a function does.
_DESCRIBES = re.compile(
    "A|All|An|As|Everything|How|Its?|Nobody|One|Some(?:body|thing)|Th(?:at|e|eir|ose)"
    "|Wh(?:at|ere|ether|ich|o|oever)"
)


@every_module
def test_a_functions_docstring_begins_with_a_verb(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not any("property" in ast.unparse(each) for each in node.decorator_list)
    ]
    described = [
        f"{node.name}: {text}"
        for node in functions
        if (text := ast.get_docstring(node)) and _DESCRIBES.fullmatch(text.split()[0].strip(",.:"))
    ]
    assert described == []


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
    allowed = {
        "imaging/inspect.py",
        "imaging/orientation.py",
        "jsonapi/problems.py",
        "server/application.py",
    }
    assert not swallowing or path.relative_to(ROOT).as_posix() in allowed


# Queries for rows of uploads, and conditions on the end of the lease.
_FINDS_UPLOADS = re.compile(r"select\([^\n]*\bUpload\b|select_from\(Upload\b|\.get\(Upload\b")
_CHECKS_LEASE = re.compile("find_upload|has_expired|is_kept|is_over|is_served")
# Modules that also find uploads whose lease is over, and why.
_EVEN_EXPIRED = {
    "admin/users.py": "a user whose uploads wait for the sweeper cannot be deleted yet",
    "maintenance/move_storage.py": "what waits for the sweeper moves too",
    "uploads/walk.py": "its callers pass the condition",
    "uploads/recount_usage.py": "bytes count until they are removed",
    "maintenance/survey_storage.py": "what waits for the sweeper is no orphan",
}


@every_module
def test_what_finds_uploads_knows_that_a_lease_ends(path: Path) -> None:
    text = path.read_text("utf-8")
    if path.relative_to(ROOT).as_posix() not in _EVEN_EXPIRED and _FINDS_UPLOADS.search(text):
        assert _CHECKS_LEASE.search(text)


@every_module
def test_one_upload_is_found_by_one_function(path: Path) -> None:
    is_the_one = path.relative_to(ROOT).as_posix() == "uploads/model.py"
    assert is_the_one or ".get(Upload" not in path.read_text("utf-8")
