"""
Where providers are offered: registries (terraform.md §7.3) and network mirrors (§7.6).

Decides which requests are made and what their answers mean. Choosing a version and
verifying the archive is left to the installer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from semver import Version

from stackwright.packages._credentials import Credentials
from stackwright.packages._errors import FetchError, ForbiddenError, MissingError
from stackwright.packages._web import Answer, Web, shown_url
from stackwright.providers.terraform import TERRAFORM_VERSION
from stackwright.providers.terraform.installed import CliConfig, ProviderAddress, parse_provider_version

_DISCOVERY_LIMIT: Final = 1024**2
_DISCOVERY_REDIRECTS: Final = 3
_DISCOVERY_TIMEOUT: Final = 11.0
_SUMS_LIMIT: Final = 4 * 1024**2
_SIGNATURE_LIMIT: Final = 64 * 1024
_MAJORS: Final = ("5", "6")

T = TypeVar("T")


class SigningKey(msgspec.Struct, frozen=True):
    """A public key that a registry announces."""

    ascii_armor: str = ""
    key_id: str = ""


class _SigningKeys(msgspec.Struct, frozen=True):
    gpg_public_keys: tuple[SigningKey, ...] = ()


class _Package(msgspec.Struct, frozen=True):
    filename: str
    download_url: str
    shasum: str = ""
    shasums_url: str = ""
    shasums_signature_url: str = ""
    protocols: tuple[str, ...] = ()
    signing_keys: _SigningKeys = _SigningKeys()


class _Version(msgspec.Struct, frozen=True):
    version: str
    protocols: tuple[str, ...] = ()


class _Versions(msgspec.Struct, frozen=True):
    versions: tuple[_Version, ...] = ()
    warnings: tuple[str, ...] | None = None


class _MirrorIndex(msgspec.Struct, frozen=True):
    versions: dict[str, Any] = {}


class _MirrorArchive(msgspec.Struct, frozen=True):
    url: str
    hashes: tuple[str, ...] = ()


class _MirrorVersion(msgspec.Struct, frozen=True):
    archives: dict[str, _MirrorArchive] = {}


class Offer(msgspec.Struct, frozen=True):
    """The versions that a place has, with the protocols each speaks (nothing: not said), and its warnings."""

    versions: Mapping[Version, tuple[str, ...]]
    warnings: tuple[str, ...] = ()


class RemoteArchive(msgspec.Struct, frozen=True, kw_only=True):
    """
    An archive to be fetched, and what must be true of it.

    Attributes:
        shasum: The SHA-256 that is promised, in hexadecimal; empty where none is.
        sums: The list of all checksums of the version, and its signature by one of *keys*.
        hashes: `h1` and `zh` hashes of which one must fit.
    """

    url: str
    filename: str
    shasum: str = ""
    sums: bytes | None = None
    signature: bytes | None = None
    keys: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()


class Supplier(Protocol):
    """A place on the network that has providers."""

    @property
    def shown(self) -> str:
        """For people."""
        ...

    @property
    def signs(self) -> bool:
        """Whether its archives must be signed."""
        ...

    def versions(self, address: ProviderAddress) -> Offer:
        """
        What it has.

        Raises:
            MissingError: It does not know the provider.
            FetchError: It cannot be asked.
        """
        ...

    def archive(self, address: ProviderAddress, version: Version, target: str) -> RemoteArchive:
        """
        Where one version is for a platform.

        Raises:
            MissingError: It has none for this platform.
            FetchError: It cannot be asked.
        """
        ...


class Registry:
    """The registry of the address's own host."""

    signs = True

    def __init__(self, web: Web, host: str, config: CliConfig, credentials: Credentials) -> None:
        self._web = web
        self._host = host
        self._config = config
        self._credentials = credentials
        self._base: str | None = None

    @property
    def shown(self) -> str:
        return f"the registry {self._host}"

    def versions(self, address: ProviderAddress) -> Offer:
        answer = self._ask(f"{_path(address)}/versions")
        said = _decoded(answer, _Versions)
        versions = {
            version: each.protocols
            for each in said.versions
            if (version := parse_provider_version(each.version)) is not None
        }
        return Offer(versions, said.warnings or ())

    def archive(self, address: ProviderAddress, version: Version, target: str) -> RemoteArchive:
        system, _, machine = target.partition("_")
        answer = self._ask(f"{_path(address)}/{version}/download/{system}/{machine}")
        said = _decoded(answer, _Package)
        sums = signature = None
        if said.shasums_url:
            sums = self._web.get(answer.resolve(said.shasums_url), limit=_SUMS_LIMIT).content
        if said.shasums_signature_url:
            url = answer.resolve(said.shasums_signature_url)
            signature = self._web.get(url, limit=_SIGNATURE_LIMIT).content
        return RemoteArchive(
            url=answer.resolve(said.download_url),
            filename=said.filename,
            shasum=said.shasum.lower(),
            sums=sums,
            signature=signature,
            keys=tuple(each.ascii_armor for each in said.signing_keys.gpg_public_keys if each.ascii_armor),
        )

    def _ask(self, path: str) -> Answer:
        token = self._credentials.token(self._host)
        return self._web.get(f"{self._service()}{path}", token=token, headers=_headers())

    def _service(self) -> str:
        """The base of the service, from the CLI configuration, or else from the host itself."""
        if self._base is None:
            overridden = self._config.services.get(self._host)
            base = overridden.get("providers.v1") if overridden is not None else self._discovered()
            if not base:
                raise MissingError(f"{self._host} offers no providers")
            self._base = base if base.endswith("/") else f"{base}/"
        return self._base

    def _discovered(self) -> str | None:
        try:
            answer = self._web.get(
                f"https://{self._host}/.well-known/terraform.json",
                token=self._credentials.token(self._host),
                headers=_headers(),
                limit=_DISCOVERY_LIMIT,
                redirects=_DISCOVERY_REDIRECTS,
                timeout=_DISCOVERY_TIMEOUT,
            )
        except MissingError:
            raise MissingError(
                f"{self._host} is not a registry: it has no /.well-known/terraform.json",
                hint="Make sure that the provider's address is right",
            ) from None
        if answer.media_type.partition(";")[0].strip() != "application/json":
            raise FetchError(f"{shown_url(answer.url)} did not answer with JSON")
        services = answer.json()
        base = services.get("providers.v1") if isinstance(services, dict) else None
        return answer.resolve(base) if isinstance(base, str) else None


class Mirror:
    """A web server that has packages of any host; it is trusted as its configuration is."""

    signs = False

    def __init__(self, web: Web, url: str, credentials: Credentials) -> None:
        self._web = web
        self._base = url if url.endswith("/") else f"{url}/"
        self._credentials = credentials

    @property
    def shown(self) -> str:
        return f"the mirror {shown_url(self._base)}"

    def versions(self, address: ProviderAddress) -> Offer:
        said = _decoded(self._ask(f"{address}/index.json"), _MirrorIndex)
        found = (parse_provider_version(each) for each in said.versions)
        return Offer({version: () for version in found if version is not None})

    def archive(self, address: ProviderAddress, version: Version, target: str) -> RemoteArchive:
        answer = self._ask(f"{address}/{version}.json")
        archive = _decoded(answer, _MirrorVersion).archives.get(target)
        if archive is None:
            raise MissingError(f"{self.shown} has no {address.shown} {version} for {target}")
        url = answer.resolve(archive.url)
        return RemoteArchive(url=url, filename=urlsplit(url).path.rpartition("/")[2], hashes=archive.hashes)

    def _ask(self, path: str) -> Answer:
        if urlsplit(self._base).scheme != "https":
            raise ForbiddenError(
                f"{self.shown} is not encrypted", hint="Network mirrors must have https addresses"
            )
        token = self._credentials.token(urlsplit(self._base).netloc)
        return self._web.get(f"{self._base}{path}", token=token, headers=_headers())


def is_usable(protocols: tuple[str, ...]) -> bool:
    """Whether a provider that speaks *protocols* can be spoken to (§7.3)."""
    return not protocols or any(each.partition(".")[0] in _MAJORS for each in protocols)


def _headers() -> dict[str, str]:
    return {"Accept": "application/json", "X-Terraform-Version": TERRAFORM_VERSION}


def _path(address: ProviderAddress) -> str:
    return f"{quote(address.namespace)}/{quote(address.type)}"


def _decoded(answer: Answer, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FetchError(
            f"{shown_url(answer.url)} answered something else than the protocol says", detail=str(error)
        ) from None
