"""
Terraform's own CLI configuration, read as Terraform reads it (terraform.md §7.7).

Decides which file that is, and what it says of where providers come from: methods of
installation, the plugin cache, credentials, services of hosts. What it says of other
things is ignored. Nothing here is ever written, or executed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from stackwright.errors import UserError
from stackwright.providers.terraform.installed._address import PUBLIC_HOSTS, ProviderAddress
from stackwright.providers.terraform.installed._hcl import Body, HclValue, MalformedHclError, parse_hcl

_FILES: Final = (".tofurc", ".terraformrc")
_DIRECTORY: Final = ".terraform.d"
_HELPER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_MAX_BYTES: Final = 4 * 1024**2
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


class CliConfigError(UserError):
    """Terraform's CLI configuration cannot be read."""

    code = "bad-terraform-configuration"


class Patterns(msgspec.Struct, frozen=True):
    """Which providers a method serves: all without `include`; never those of `exclude`."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def admit(self, address: ProviderAddress) -> bool:
        """Whether the method is asked for *address*."""
        if any(_matches(pattern, address) for pattern in self.exclude):
            return False
        return not self.include or any(_matches(pattern, address) for pattern in self.include)


class FilesystemMirror(msgspec.Struct, frozen=True):
    """A directory of packages, packed or unpacked; `implied` ones exist without being named."""

    path: Path
    patterns: Patterns = Patterns()
    implied: bool = False


class NetworkMirror(msgspec.Struct, frozen=True):
    """A web server with packages of any host."""

    url: str
    patterns: Patterns = Patterns()


class Direct(msgspec.Struct, frozen=True):
    """Each address's own registry."""

    patterns: Patterns = Patterns()


Method = FilesystemMirror | NetworkMirror | Direct


class CredentialsHelper(msgspec.Struct, frozen=True):
    """A program that knows tokens: `terraform-credentials-NAME`, with what it is given before its verb."""

    name: str
    arguments: tuple[str, ...] = ()


class CliConfig(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the configuration says.

    Attributes:
        path: The file, or None where there is none.
        methods: Where providers come from, or None where nothing is said of that.
        overrides: Directories of executables under development, by address as it is written.
        tokens: Bearer tokens by host.
        helper: Who is asked for the tokens of all other hosts.
        services: Addresses of services by host, which then is not asked for them.
    """

    path: Path | None = None
    methods: tuple[Method, ...] | None = None
    overrides: dict[str, Path] = {}
    plugin_cache: Path | None = None
    tokens: dict[str, str] = {}
    helper: CredentialsHelper | None = None
    services: dict[str, dict[str, str]] = {}

    def methods_for(
        self, address: ProviderAddress, project: Path, environ: Mapping[str, str] | None = None
    ) -> tuple[Method, ...]:
        """
        The methods to ask for *address*, in order.

        Without a `provider_installation` block these are the directories that exist without
        being named, and then the registry, unless one of the former holds the provider.
        """
        if self.methods is not None:
            return tuple(method for method in self.methods if method.patterns.admit(address))
        implied = tuple(
            FilesystemMirror(path, implied=True)
            for path in implied_directories(project, environ)
            if path.is_dir()
        )
        local = any(
            (each.path / address.host / address.namespace / address.type).is_dir() for each in implied
        )
        return implied if local else (*implied, Direct())

    def override(self, address: ProviderAddress) -> Path | None:
        """The directory that holds this provider's executable while it is being developed."""
        return next((path for text, path in self.overrides.items() if _matches(text, address)), None)

    def token(self, host: str, environ: Mapping[str, str] | None = None) -> str | None:
        """The bearer token for *host*: from `TF_TOKEN_…`, else from the configuration."""
        variables = os.environ if environ is None else environ
        # Dots are written as underscores, dashes as they are or as two underscores.
        for name, value in variables.items():
            if name.startswith("TF_TOKEN_") and value:
                said = name.removeprefix("TF_TOKEN_").replace("__", "-").replace("_", ".").lower()
                if said == host.lower():
                    return value
        return self.tokens.get(host.lower())


def read_cli_config(environ: Mapping[str, str] | None = None) -> CliConfig:
    """
    The configuration that Terraform would use here; an empty one where there is none.

    Raises:
        CliConfigError: It cannot be read.
    """
    variables = os.environ if environ is None else environ
    home = _home(variables)
    named = _named(variables)
    path = named or next((home / name for name in _FILES if (home / name).is_file()), None)
    bodies = {} if path is None else {path: _read(path)}
    beside = sorted(each for end in ("*.tfrc", "*.tfrc.json") for each in (home / _DIRECTORY).glob(end))
    if named is None:
        bodies |= {each: _read(each) for each in beside}
    tokens: dict[str, str] = {}
    services: dict[str, dict[str, str]] = {}
    for body in bodies.values():
        tokens = {**dict(_tokens(body)), **tokens}
        services = {**dict(_services(body)), **services}
    if named is not None:
        # What `terraform login` stored counts whatever file is named.
        for each in beside:
            tokens = {**dict(_tokens(_read(each))), **tokens}
    caches = (body.attributes.get("plugin_cache_dir") for body in bodies.values())
    cache = variables.get("TF_PLUGIN_CACHE_DIR") or next((each for each in caches if each), None)
    methods, overrides = _installation(bodies, variables)
    return CliConfig(
        path=path,
        methods=methods,
        overrides=overrides,
        plugin_cache=_expanded(cache, variables) if isinstance(cache, str) and cache else None,
        tokens=tokens,
        helper=_helper(bodies),
        services=services,
    )


def implied_directories(project: Path, environ: Mapping[str, str] | None = None) -> Iterator[Path]:
    """The directories that are mirrors without being named; they need not exist."""
    variables = os.environ if environ is None else environ
    home = _home(variables)
    yield project / "terraform.d" / "plugins"
    yield home / ".terraform.d" / "plugins"
    data = variables.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    shared = variables.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    for directory in (data, *shared.split(os.pathsep)):
        for tool in ("terraform", "opentofu"):
            yield Path(directory) / tool / "plugins"


def _home(variables: Mapping[str, str]) -> Path:
    return Path(variables["HOME"]) if variables.get("HOME") else Path.home()


def _named(variables: Mapping[str, str]) -> Path | None:
    named = variables.get("TF_CLI_CONFIG_FILE") or variables.get("TERRAFORM_CONFIG")
    return Path(named).expanduser() if named else None


def _read(path: Path) -> Body:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return Body()  # Terraform only warns of a named file that is missing
    except OSError as error:
        raise CliConfigError(f"{path} cannot be read", detail=error.strerror) from None
    if len(data) > _MAX_BYTES:
        raise CliConfigError(f"{path} is too long for a CLI configuration")
    try:
        return parse_hcl(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CliConfigError(f"{path} is not text", detail=str(error)) from None
    except MalformedHclError as error:
        raise CliConfigError(f"{path}: {error}", hint="Terraform's CLI configuration is read here") from None


def _tokens(body: Body) -> Iterator[tuple[str, str]]:
    for block in body.blocks("credentials", labels=1):
        token = block.attributes.get("token")
        if isinstance(token, str) and token:
            yield block.labels[0].lower(), token


def _services(body: Body) -> Iterator[tuple[str, dict[str, str]]]:
    for block in body.blocks("host", labels=1):
        said: dict[str, HclValue] = {}
        services = block.attributes.get("services")
        if isinstance(services, dict):
            said.update(services)
        for inner in block.blocks("services"):
            said.update(inner.attributes)
        yield block.labels[0].lower(), {key: each for key, each in said.items() if isinstance(each, str)}


def _helper(bodies: Mapping[Path, Body]) -> CredentialsHelper | None:
    found: CredentialsHelper | None = None
    for path, body in bodies.items():
        for block in body.blocks("credentials_helper", labels=1):
            name = block.labels[0]
            if not _HELPER.fullmatch(name):
                raise CliConfigError(f"{path}: `{name}` cannot be the name of a credentials_helper")
            if found is not None:
                raise CliConfigError(f"{path} holds a second credentials_helper; there can be one")
            found = CredentialsHelper(name, _texts(block, "args"))
    return found


def _installation(
    bodies: Mapping[Path, Body], variables: Mapping[str, str]
) -> tuple[tuple[Method, ...] | None, dict[str, Path]]:
    name = "provider_installation"
    blocks = [(path, block) for path, body in bodies.items() for block in body.blocks(name)]
    if not blocks:
        return None, {}
    path, whole = blocks[-1]
    if len(blocks) > 1:
        raise CliConfigError(f"{path} holds more than one provider_installation, or a second one")
    methods: list[Method] = []
    overrides: dict[str, Path] = {}
    for name, block in whole.all_blocks():
        if name == "dev_overrides":
            if methods or overrides:
                raise CliConfigError(f"{path}: dev_overrides must come first in provider_installation")
            overrides = {
                address: _expanded(directory, variables)
                for address, directory in block.attributes.items()
                if isinstance(directory, str)
            }
        else:
            methods.append(_method(name, block, path, variables))
    # With nothing but overrides, everything else is installed as usual.
    return (tuple(methods) if methods or not overrides else None), overrides


def _method(name: str, block: Body, path: Path | None, variables: Mapping[str, str]) -> Method:
    patterns = Patterns(_texts(block, "include"), _texts(block, "exclude"))
    match name:
        case "filesystem_mirror":
            return FilesystemMirror(_expanded(_required(block, name, "path", path), variables), patterns)
        case "network_mirror":
            return NetworkMirror(_required(block, name, "url", path), patterns)
        case "direct":
            return Direct(patterns)
    raise CliConfigError(
        f"{path}: provider_installation knows no method `{name}`",
        hint="There are dev_overrides, filesystem_mirror, network_mirror and direct",
    )


def _required(block: Body, method: str, name: str, path: Path | None) -> str:
    value = block.attributes.get(name)
    if not isinstance(value, str) or not value:
        raise CliConfigError(f"{path}: {method} needs `{name}`")
    return value


def _texts(block: Body, name: str) -> tuple[str, ...]:
    value = block.attributes.get(name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _expanded(text: str, variables: Mapping[str, str]) -> Path:
    if text.startswith(("~/", "~\\")):
        text = f"{_home(variables)}{text[1:]}"
    named = _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], ""), text)
    return Path(named).absolute()


def _matches(pattern: str, address: ProviderAddress) -> bool:
    """Whether *pattern* covers *address*: `*` stands for a whole part, a missing host for a public one."""
    parts = pattern.strip().lower().split("/")
    if len(parts) == 1:
        parts.insert(0, "*" if parts == ["*"] else "hashicorp")
    if len(parts) == 2 and not (address.host in PUBLIC_HOSTS or parts == ["*", "*"]):
        return False
    wanted = (address.host, address.namespace, address.type)[-len(parts) :]
    return len(parts) <= 3 and all(part in ("*", name) for part, name in zip(parts, wanted, strict=True))
