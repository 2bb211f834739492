"""Names for packages in tests: camel case and nothing else."""

from __future__ import annotations

from stackwright.providers.terraform import ProviderSchema


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


class Level:
    """One level of an object."""

    def __init__(self, *, resource: bool = False) -> None:
        self._resource = resource

    def property_of(self, name: str) -> str | None:
        return None if self._resource and name == "id" else camel(name)

    def below(self, name: str) -> Level:
        return Level()


class PlainNames:
    """Implements `PackageNames`: `modern_thing` is `modern:index/thing:Thing`."""

    def __init__(self, package: str, schema: ProviderSchema) -> None:
        def tokens(names: object, verb: str = "") -> dict[str, str]:
            found = {}
            for name in names:  # type: ignore[attr-defined]
                words = camel(name.removeprefix(f"{package}_"))
                if verb is None or verb == "function":
                    found[f"{package}:index/{words}:{words}"] = name
                elif verb:
                    word = verb + words[:1].upper() + words[1:]
                    found[f"{package}:index/{word}:{word}"] = name
                else:
                    found[f"{package}:index/{words}:{words[:1].upper()}{words[1:]}"] = name
            return found

        self.resource = tokens(schema.resources).get
        self.data_source = tokens(schema.data_sources, "get").get
        self.function = tokens(schema.functions, "function").get
        self.ephemeral = tokens(schema.ephemeral_resources, "open").get
        self.listed = tokens(schema.list_resources, "list").get
        self.action = tokens(schema.actions, "run").get

    def names(self, section: str, name: str) -> Level:
        return Level(resource=section == "resources")
