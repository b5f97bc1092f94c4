"""Install the packages of a peer on demand, from the list of exact versions in its folder.

A peer is a folder in `bench/peers`; its packages go into a folder of `.bench`, which git ignores
and `make clean` removes.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.process import ROOT

HOMES = ROOT / "bench/peers"
# The folder of each, by the name that results are compared with.
PEERS = {"peer": "django", "Directus": "directus", "thumbor": "thumbor"}
_TARGETS = ROOT / ".bench"


def install_python(peer: str) -> Path:
    """Install the packages of a peer's `requirements.txt`; return the path of its Python.

    Raises:
        subprocess.CalledProcessError: they cannot be installed.
    """
    target = _TARGETS / peer
    python, requirements = target / "bin/python", HOMES / peer / "requirements.txt"
    if not _is_current(target, requirements):
        _run(sys.executable, "-m", "venv", "--clear", target)
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(python, *pip, "-r", requirements)
        _remember(target, requirements)
    return python


def install_node(peer: str) -> Path:
    """Install the packages of a peer's `package-lock.json`; return the folder that has them.

    Raises:
        FileNotFoundError: npm is missing.
        subprocess.CalledProcessError: they cannot be installed.
    """
    target, lock = _TARGETS / peer, HOMES / peer / "package-lock.json"
    if not _is_current(target, lock):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name in (".npmrc", "package.json", lock.name):
            shutil.copy(HOMES / peer / name, target)
        npm = ("npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error")
        _run(*npm, folder=target, environ=os.environ | node_headers())
        _remember(target, lock)
    return target


def describe_packages(peer: str) -> str:
    """Return the exact versions that a peer asks for."""
    requirements = HOMES / peer / "requirements.txt"
    if requirements.exists():
        lines = requirements.read_text().splitlines()
        return ", ".join(each.replace("==", " ") for each in lines if each and each[0] != "#")
    asked: dict[str, str] = json.loads((HOMES / peer / "package.json").read_text())["dependencies"]
    return ", ".join(f"{name} {version}" for name, version in asked.items())


def node_headers() -> dict[str, str]:
    """Name the headers that came with Node.js, if any; npm downloads them otherwise."""
    prefix = Path(shutil.which("node") or "").resolve().parent.parent
    has_headers = (prefix / "include/node/node.h").exists()
    return {"npm_config_nodedir": str(prefix)} if has_headers else {}


def _is_current(target: Path, listed: Path) -> bool:
    stamp = _stamp(target)
    if stamp.exists() and stamp.read_text() == _digest(listed):
        return True
    print(f"installing the peer {target.name}", file=sys.stderr)
    return False


def _remember(target: Path, listed: Path) -> None:
    _stamp(target).write_text(_digest(listed))


def _stamp(target: Path) -> Path:
    return target / "installed.sha256"


def _digest(listed: Path) -> str:
    return hashlib.sha256(listed.read_bytes()).hexdigest()


def _run(*command: str | Path, folder: Path = ROOT, environ: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, cwd=folder, env=environ)  # noqa: S603 - on our own list
