"""The container engine that the SAM CLI would use, seen through the same library as it sees it."""

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import docker
import docker.errors

_LIMIT_SECONDS: Final = 300
_PING_LIMIT_SECONDS: Final = 5
_LABEL: Final = "sam.cli.container.type"


@dataclass(frozen=True, slots=True)
class Engine:
    """A container engine that answers."""

    client: Any

    @classmethod
    def find(cls, address: str | None = None) -> Self | None:
        """Return the engine at this address, else at DOCKER_HOST or the usual socket; None where none answers."""
        try:
            probe = _client(address, _PING_LIMIT_SECONDS)
            probe.ping()
            probe.close()
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


def _client(address: str | None, limit_seconds: int) -> Any:  # noqa: ANN401 - the library has no types
    if address is None:
        return docker.from_env(timeout=limit_seconds)
    return docker.DockerClient(base_url=address, timeout=limit_seconds)
