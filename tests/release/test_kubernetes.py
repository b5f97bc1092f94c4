"""The manifests of deploy/: valid, within the strictest pod security, and of one piece."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from open_event_uploads import __version__
from tests.commands import run_command
from tests.release.packages import ROOT
from tests.server import MANAGE

pytestmark = pytest.mark.default_stack("manifests name no stack")

DEPLOY = ROOT / "deploy"
KUSTOMIZATION = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())
RESOURCES = [
    document
    for path in KUSTOMIZATION["resources"]
    for document in yaml.safe_load_all((DEPLOY / path).read_text())
]


def find(kind: str) -> list[dict[str, Any]]:
    return [each for each in RESOURCES if each["kind"] == kind]


def pods() -> Iterator[dict[str, Any]]:
    """Return what every pod is made from."""
    for each in find("Deployment"):
        yield each["spec"]["template"]["spec"]
    for each in find("CronJob"):
        yield each["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def containers() -> Iterator[dict[str, Any]]:
    for pod in pods():
        yield from pod.get("initContainers", [])
        yield from pod["containers"]


@pytest.mark.parametrize("path", KUSTOMIZATION["resources"])
def test_a_manifest_is_valid_for_its_api(path: str) -> None:
    program = Path(sys.executable).with_name("kubernetes-validate")
    run_command(program, "--strict", DEPLOY / path)


def test_every_manifest_is_applied_and_every_file_is_there() -> None:
    there = {f"kubernetes/{each.name}" for each in (DEPLOY / "kubernetes").iterdir()}
    assert there == set(KUSTOMIZATION["resources"])
    (settings,) = KUSTOMIZATION["configMapGenerator"]
    assert settings["envs"] == ["settings.env"]
    assert (DEPLOY / "settings.env").is_file()


def test_the_image_is_this_version() -> None:
    (image,) = KUSTOMIZATION["images"]
    assert image["newTag"] == __version__
    assert {each["image"] for each in containers()} == {image["name"]}


def test_pods_are_within_the_restricted_standard() -> None:
    """Kubernetes, "Pod Security Standards": restricted."""
    for pod in pods():
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
    for each in containers():
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_every_container_has_the_settings_the_secrets_and_a_limit_of_memory() -> None:
    (settings,) = KUSTOMIZATION["configMapGenerator"]
    for each in containers():
        assert each["envFrom"] == [
            {"configMapRef": {"name": settings["name"]}},
            {"secretRef": {"name": "uploads-secrets"}},
        ]
        assert each["resources"]["limits"]["memory"]
        assert {mount["mountPath"] for mount in each["volumeMounts"]} == {"/tmp", "/data"}  # noqa: S108


def test_every_command_is_one_of_the_program() -> None:
    for each in containers():
        run_command(sys.executable, MANAGE, *each.get("args", ["serve"]), "--help")


def test_names_and_ports_agree() -> None:
    (deployment,), (service,), (ingress,) = map(find, ("Deployment", "Service", "Ingress"))
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert service["spec"]["selector"] == labels
    for each in find("PodDisruptionBudget"):
        assert each["spec"]["selector"]["matchLabels"] == labels
    (server,) = deployment["spec"]["template"]["spec"]["containers"]
    (port,) = server["ports"]
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    (rule,) = ingress["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == service["metadata"]["name"]
    assert backend["port"]["name"] == service["spec"]["ports"][0]["name"]
