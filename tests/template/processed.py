"""The template after SAM's transform, for one stage, with what parameters and mappings decide already decided.

`sam deploy` to the emulator drops many properties without a word, so rules are held here, on what AWS would be given.
"""

import contextlib
import io
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse

from sandbox.emulator import REGION
from tests.emulated import source_template

STAGES: Final = ("local", "dev", "prod")
type Resource = Mapping[str, Any]


@dataclass(frozen=True)
class Processed:
    """A processed template; `parameters` are those that it was processed with."""

    template: Mapping[str, Any]
    parameters: Mapping[str, str]

    def of_type(self, *types: str) -> Iterator[tuple[str, Resource]]:
        """Yield logical id and properties of the resources of these types, values decided as far as they can be."""
        for name, resource in self.template["Resources"].items():
            if resource["Type"] in types:
                yield name, self.decide(resource.get("Properties", {}))

    def resource(self, name: str) -> Resource:
        """Return one resource as it stands."""
        return cast("Resource", self.template["Resources"][name])

    def decide(self, value: Any) -> Any:  # noqa: ANN401 - any part of a template
        """Replace references to parameters and lookups in mappings; other intrinsic functions stay."""
        if isinstance(value, list):
            return [self.decide(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        match value:
            case {"Ref": name} if name in self.parameters:
                return self.parameters[name]
            case {"Fn::FindInMap": [mapping, first, second]}:
                return self.template["Mappings"][mapping][self.decide(first)][self.decide(second)]
            case {"Fn::Sub": str(text)}:
                for name, setting in self.parameters.items():
                    text = text.replace(f"${{{name}}}", setting)
                return text if "${" not in text else {"Fn::Sub": text}
        return {key: self.decide(entry) for key, entry in value.items()}


@cache
def processed(stage: str, architecture: str = "arm64") -> Processed:
    """Transform template.yaml as CloudFormation would for this stage."""
    source = source_template()
    defaults = {
        name: str(entry["Default"])
        for name, entry in source["Parameters"].items()
        if "Default" in entry
    }
    parameters = defaults | {
        "Stage": stage,
        "Architecture": architecture,
        "PublicUrl": "https://pay.example.com",
    }
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()):
        text = SamTemplateValidator(
            source, None, region=REGION, parameter_overrides=parameters
        ).get_translated_template_if_valid()
    return Processed(yaml_parse(text), parameters)


def target_of(reference: Any) -> str:  # noqa: ANN401 - any part of a template
    """Return the logical id that a Ref or a GetAtt names."""
    match reference:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), *_]}:
            return name
    raise AssertionError(f"names no resource: {reference}")
