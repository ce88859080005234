"""What `sam local` needs to run functions in containers against this sandbox: a template, one environment file, a way to the loopback.

They lie in .sandbox/local, where samconfig.toml leads the SAM CLI, for as long as the sandbox is up. The template is the
built one cut down to what a container is made from, its intrinsics already answered by the deployed stack.
"""

import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from samcli.yamlhelper import yaml_parse

from sandbox import relay
from sandbox.current import STATE_FOLDER
from sandbox.deploy import TEMPLATE, client
from sandbox.emulator import LOOPBACK, REGION
from sandbox.engine import Engine
from sandbox.ports import usual_ports
from sandbox.roles import credentials_of_role
from tools.build import host_architecture

LOCAL_FOLDER: Final = STATE_FOLDER / "local"
LOCAL_TEMPLATE: Final = LOCAL_FOLDER / "template.json"
ENVIRONMENT_FILE: Final = LOCAL_FOLDER / "env.json"
# The name that samconfig.toml gives this machine's address, whatever the engine's network is.
_HOST: Final = "host.docker.internal"
_LAYER: Final = "LoopbackLayer"
_WRAPPER: Final = "paycenter-loopback"
_SHEBANG: Final = "#!/var/lang/bin/python3.13\n"
_KEPT: Final = ("Handler", "Runtime", "MemorySize", "Timeout")
_LOOK_AGAIN_SECONDS: Final = 10.0


def ports_of(description: Mapping[str, Any]) -> list[int]:
    """Return the ports on which a sandbox (as .sandbox/current.json describes it) listens."""
    return [urlsplit(description[name]).port or 80 for name in usual_ports()]


def environment_of(description: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return each function's environment by its logical id: the deployed one, its role's credentials, the way to the loopback."""
    functions = client(description["emulator"], "lambda")
    shared = {
        "AWS_ENDPOINT_URL": description["emulator"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_EXEC_WRAPPER": f"/opt/{_WRAPPER}",
        relay.TARGET_VARIABLE: f"{_HOST}:{','.join(map(str, ports_of(description)))}",
    }
    found: dict[str, dict[str, str]] = {}
    for name, alias in description["functions"].items():
        deployed = functions.get_function_configuration(FunctionName=alias)
        role = credentials_of_role(description["emulator"], deployed["Role"])
        found[name] = {**deployed["Environment"]["Variables"], **role, **shared}
    return found


def local_template(
    built: Mapping[str, Any], folder: Path, environment: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Return the built template (found in `folder`) cut down to functions, layers and routes.

    Each function declares all names of its environment: the SAM CLI passes on no others.
    """
    shared = built["Globals"]["Function"]
    resources: dict[str, Any] = {_LAYER: _layer(LOCAL_FOLDER / "layer")}
    for name, resource in built["Resources"].items():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resources[name] = _layer(folder / resource["Properties"]["ContentUri"])
    for name, variables in environment.items():
        properties = {**shared, **built["Resources"][name]["Properties"]}
        own = built["Resources"][name]["Properties"].get("Layers", [])
        resources[name] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                **{key: properties[key] for key in _KEPT},
                "CodeUri": str(folder / properties["CodeUri"]),
                "Architectures": [host_architecture()],
                "Layers": [*shared["Layers"], *own, {"Ref": _LAYER}],
                "Environment": {"Variables": dict.fromkeys(variables, "")},
                "Events": dict(_routes(properties["Events"])),
            },
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": resources,
    }


def _layer(content: Path) -> dict[str, Any]:
    return {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": str(content)}}


def _routes(events: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, event in events.items():
        if event["Type"] == "HttpApi":
            kept = {key: event["Properties"][key] for key in ("Method", "Path")}
            yield name, {"Type": "HttpApi", "Properties": {**kept, "PayloadFormatVersion": "2.0"}}


def write(description: Mapping[str, Any]) -> None:
    """Write what `sam local` needs for this sandbox, over what stood there."""
    environment = environment_of(description)
    built = yaml_parse(TEMPLATE.read_text("utf-8"))
    layer = LOCAL_FOLDER / "layer"
    layer.mkdir(parents=True, exist_ok=True)
    wrapper = layer / _WRAPPER
    wrapper.write_text(_SHEBANG + Path(relay.__file__).read_text("utf-8"), "utf-8")
    wrapper.chmod(0o755)
    ENVIRONMENT_FILE.write_text(json.dumps(environment, indent=2) + "\n", "utf-8")
    template = local_template(built, TEMPLATE.parent, environment)
    LOCAL_TEMPLATE.write_text(json.dumps(template, indent=2) + "\n", "utf-8")


@contextmanager
def reachable_from_containers(description: Mapping[str, Any]) -> Iterator[None]:
    """Let `sam local` run functions against this sandbox, also with an engine that is started later."""
    write(description)
    done = threading.Event()
    watch = threading.Thread(target=_relay_when_possible, args=(description, done), daemon=True)
    watch.start()
    try:
        yield
    finally:
        done.set()
        watch.join()
        shutil.rmtree(LOCAL_FOLDER, ignore_errors=True)


def _relay_when_possible(description: Mapping[str, Any], done: threading.Event) -> None:
    while not done.is_set():
        engine = Engine.find()
        gateway = engine.gateway if engine else None
        if engine:
            engine.close()
        if gateway:
            with relayed(gateway, ports_of(description)):
                done.wait()
            return
        done.wait(_LOOK_AGAIN_SECONDS)


@contextmanager
def relayed(gateway: str, ports: list[int]) -> Iterator[None]:
    """Lead containers that call the gateway to the loopback; does nothing where an engine does that itself."""
    try:
        listeners = relay.listen(gateway, ports)
    except OSError:
        listeners = []  # the gateway is inside the engine's own virtual machine
    threads = relay.relay_in_threads(listeners, LOOPBACK)
    try:
        yield
    finally:
        for listener in listeners:
            relay.shut(listener)
        for thread in threads:
            thread.join()
