"""The container engine that the SAM CLI would use, seen through the same library as it sees it."""

import ipaddress
import os
import socket
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import docker
import docker.errors

_LIMIT_SECONDS: Final = 300
_PING_LIMIT_SECONDS: Final = 5
_USUAL: Final = "unix:///var/run/docker.sock"
_LABEL: Final = "sam.cli.container.type"


# What the engine refuses, and of that what it answers with a status.
EngineError = docker.errors.DockerException
EngineFailure = docker.errors.APIError


@dataclass(frozen=True, slots=True)
class Engine:
    """A container engine that answers."""

    client: Any

    @classmethod
    def find(cls, address: str | None = None) -> Self | None:
        """Return the engine at this address, else at DOCKER_HOST or the usual socket; None where none answers."""
        address = address or os.environ.get("DOCKER_HOST") or _USUAL
        if not _somebody_listens(address):
            return None
        try:
            with closing(_client(address, _PING_LIMIT_SECONDS)) as probe:
                probe.ping()
            return cls(_client(address, _LIMIT_SECONDS))
        except (docker.errors.DockerException, OSError, ValueError):
            return None

    def close(self) -> None:
        """Give back the connections."""
        self.client.close()

    @property
    def gateway(self) -> str | None:
        """Return this machine's address as containers see it; None where the engine keeps it to itself."""
        try:
            (settings, *_) = self.client.networks.get("bridge").attrs["IPAM"]["Config"]
            return gateway_of(settings)
        except (docker.errors.DockerException, OSError, LookupError, TypeError, ValueError):
            return None

    def image_bytes(self, name: str) -> int | None:
        """Return an image's size; None where it is not there."""
        try:
            return int(self.client.images.get(name).attrs["Size"])
        except docker.errors.ImageNotFound:
            return None

    def run(self, image: str, command: str) -> None:
        """Run a command in a container of this image to its end; raises EngineError."""
        self.client.containers.run(image, entrypoint=command, remove=True)

    def function_containers(self, code: Path) -> set[str]:
        """Return the ids of containers that the SAM CLI made for code below this folder."""
        found = self.client.api.containers(all=True, filters={"label": _LABEL})
        return {
            entry["Id"]
            for entry in found
            if any(Path(m.get("Source", "")).is_relative_to(code) for m in entry["Mounts"])
        }

    def remove_containers(self, identities: Collection[str]) -> None:
        """Remove containers, running or not; one that has gone already is fine."""
        for identity in identities:
            try:
                self.client.api.remove_container(identity, force=True, v=True)
            except docker.errors.APIError as error:
                if error.status_code not in {404, 409}:  # gone, or going
                    raise

    def remove_function_images(self) -> None:
        """Remove the images that the SAM CLI made of ours and its layers: each call makes them afresh."""
        for image in self.client.images.list(filters={"reference": "samcli/lambda-*"}):
            self.client.images.remove(image.id, force=True)
        self.client.images.prune()


def gateway_of(settings: Mapping[str, str]) -> str:
    """Return a network's gateway: its first address where none is named. Raises LookupError or ValueError."""
    if settings.get("Gateway"):
        return settings["Gateway"]
    return str(ipaddress.ip_network(settings["Subnet"])[1])


def _client(address: str, limit_seconds: int) -> Any:  # noqa: ANN401 - the library has no types
    if address == os.environ.get("DOCKER_HOST"):
        return docker.from_env(timeout=limit_seconds)  # with its certificates
    return docker.DockerClient(base_url=address, timeout=limit_seconds)


def _somebody_listens(address: str) -> bool:
    """Tell whether it is worth asking: the library leaves sockets open where it can't connect."""
    scheme, _, path = address.partition("://")
    if scheme != "unix":
        return True
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_PING_LIMIT_SECONDS)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True
