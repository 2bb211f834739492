"""
Where a plugin's archive is downloaded from (protocol.md §7.4).

A source answers the newest version, and the request for one version's archive. Fetching
and verifying are left to the installer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, urlsplit

import msgspec

from stackwright.environment import (
    GITHUB_TOKEN,
    GITLAB_TOKEN,
    PLUGIN_DOWNLOAD_URL_OVERRIDES,
    Setting,
)
from stackwright.errors import UserError
from stackwright.packages._errors import FetchError, MissingError
from stackwright.packages._git import PIN, Git, Repository, parse_repository, ref_of
from stackwright.packages._web import Web
from stackwright.providers.terraform.installed import current_platform

GITHUB: Final = "api.github.com"
_GITLAB: Final = "gitlab.com"
_NAMED_BY: Final = {
    "GITHUB_TOKEN": ("GITHUB_API_URL", "GH_HOST"),
    "GITLAB_TOKEN": ("CI_API_V4_URL", "GITLAB_HOST"),
}
"""Where users say which server of their own a token is for, as those services' own tools have it."""
FALLBACK: Final = "https://get.pulumi.com/releases/plugins"
_PLACEHOLDER: Final = re.compile(r"\$\{(NAME|VERSION|OS|ARCH)\}")


class BadSourceError(UserError):
    """A plugin's download address cannot be understood."""

    code = "bad-plugin-source"


class PluginArchive(msgspec.Struct, frozen=True):
    """A request: where, with which headers, and for which host a token is meant."""

    url: str
    headers: Mapping[str, str] = {}
    token: str | None = None


class PluginSource(Protocol):
    """A place that has archives of one plugin."""

    @property
    def shown(self) -> str:
        """For people."""
        ...

    def newest(self, web: Web) -> str:
        """
        The newest version there.

        Raises:
            FetchError: It cannot be asked, or does not tell.
        """
        ...

    def archive(self, web: Web, version: str) -> PluginArchive:
        """
        How to get a version's archive.

        Raises:
            MissingError: There is no such version.
            FetchError: It cannot be asked.
        """
        ...


def plugin_platform() -> tuple[str, str]:
    """This machine, in the words of archives' names."""
    system, _, machine = current_platform().partition("_")
    return system, machine


def asset_name(kind: str, name: str, version: str) -> str:
    """What an archive is called."""
    system, machine = plugin_platform()
    return f"pulumi-{kind}-{name}-v{version}-{system}-{machine}.tar.gz"


class HttpSource(msgspec.Struct, frozen=True):
    """A web server: a URL with placeholders, or a base that the archive's name is appended to."""

    kind: str
    name: str
    url: str

    @property
    def shown(self) -> str:
        return self.url

    def newest(self, web: Web) -> str:
        raise FetchError(
            f"{self.url} does not tell which version of {self.name} is the newest",
            hint=f"Name one: stackwright plugin install {self.kind} {self.name} VERSION",
        )

    def archive(self, web: Web, version: str) -> PluginArchive:
        system, machine = plugin_platform()
        said = {"NAME": self.name, "VERSION": version, "OS": system, "ARCH": machine}
        url = _PLACEHOLDER.sub(lambda match: quote(said[match[1]], safe=""), self.url)
        if url == self.url:
            url = f"{url.rstrip('/')}/{quote(asset_name(self.kind, self.name, version), safe='')}"
        return PluginArchive(url)


class GithubSource(msgspec.Struct, frozen=True):
    """The releases of a repository on GitHub, or on a server of one's own."""

    kind: str
    name: str
    host: str
    organization: str
    repository: str
    token: str | None = None

    @property
    def shown(self) -> str:
        return f"github://{self.host}/{self.organization}/{self.repository}"

    def newest(self, web: Web) -> str:
        return _tag_version(self._release(web, "latest").get("tag_name"), self.shown)

    def archive(self, web: Web, version: str) -> PluginArchive:
        release = self._release(web, f"tags/v{quote(version, safe='')}")
        wanted = asset_name(self.kind, self.name, version)
        for asset in release.get("assets") or ():
            if isinstance(asset, dict) and asset.get("name") == wanted and isinstance(asset.get("url"), str):
                url = asset["url"]
                token = self.token if urlsplit(url).netloc == self.host else None
                return PluginArchive(url, {"Accept": "application/octet-stream"}, token)
        raise MissingError(f"The release v{version} at {self.shown} has no file {wanted}")

    def _release(self, web: Web, which: str) -> dict[str, Any]:
        place = f"{quote(self.organization)}/{quote(self.repository)}"
        url = f"https://{self.host}/repos/{place}/releases/{which}"
        headers = {"Accept": "application/vnd.github+json"}
        return _object(web.get(url, token=self.token, headers=headers).json(), self.shown)


class GitlabSource(msgspec.Struct, frozen=True):
    """The releases of a project on GitLab."""

    kind: str
    name: str
    host: str
    project: str
    token: str | None = None

    @property
    def shown(self) -> str:
        return f"gitlab://{self.host}/{self.project}"

    @property
    def _base(self) -> str:
        return f"https://{self.host}/api/v4/projects/{quote(self.project, safe='')}/releases"

    def newest(self, web: Web) -> str:
        answer = web.get(f"{self._base}/permalink/latest", token=self.token)
        return _tag_version(_object(answer.json(), self.shown).get("tag_name"), self.shown)

    def archive(self, web: Web, version: str) -> PluginArchive:
        name = quote(asset_name(self.kind, self.name, version), safe="")
        return PluginArchive(f"{self._base}/v{quote(version, safe='')}/downloads/{name}", {}, self.token)


class GitSource(msgspec.Struct, frozen=True):
    """A repository with the plugin's own sources; versions are its tags, or commits."""

    repository: Repository

    @property
    def shown(self) -> str:
        return self.repository.told

    def newest(self, web: Web) -> str:
        return Git(web.environ).resolve(self.repository).version

    def archive(self, web: Web, version: str) -> PluginArchive:
        raise FetchError(f"{self.shown} has sources, and no archives")

    def sources(self, web: Web, version: str, pinned: Sequence[str]) -> tuple[Path, str]:
        """
        A tar file with the sources of *version*, and their commit: the pinned one, if one is.

        Raises:
            FetchError: They cannot be fetched.
        """
        git = Git(web.environ)
        commits = [each.removeprefix(PIN) for each in pinned if each.startswith(PIN)]
        commit = commits[0] if commits else git.resolve(self.repository, ref_of(version)).commit
        return git.archive(self.repository, commit), commit


def plugin_sources(
    kind: str, name: str, url: str = "", *, environ: Mapping[str, str] | None = None
) -> Sequence[PluginSource]:
    """
    Where to look for a plugin, in order: at *url*, or else in the usual places.

    `PLUGIN_DOWNLOAD_URL_OVERRIDES` is tried against the URL, or against the name.

    Raises:
        BadSourceError: *url* is of no known kind.
    """
    variables = os.environ if environ is None else environ
    url = _overridden(url or name, variables) or url
    if url:
        return [_source(kind, name, url.rstrip("/"), variables)]
    return [
        GithubSource(kind, name, GITHUB, "pulumi", f"pulumi-{name}", GITHUB_TOKEN.value(variables)),
        HttpSource(kind, name, FALLBACK),
    ]


def _source(kind: str, name: str, url: str, variables: Mapping[str, str]) -> PluginSource:
    # Placeholders are no part of a URL's grammar, but harmless to it.
    parts = urlsplit(url)
    path = [part for part in parts.path.split("/") if part]
    if parts.scheme == "git" or parts.scheme.startswith("git+"):
        found = parse_repository(url)
        if found is not None:
            return GitSource(found[0])
    if parts.scheme in ("http", "https") and parts.netloc:
        return HttpSource(kind, name, url)
    if parts.scheme == "github" and parts.netloc and len(path) in (1, 2):
        repository = path[1] if len(path) == 2 else f"pulumi-{name}"
        token = _token(GITHUB_TOKEN, GITHUB, parts.netloc, variables)
        return GithubSource(kind, name, parts.netloc, path[0], repository, token)
    if parts.scheme == "gitlab" and parts.netloc and len(path) == 1:
        token = _token(GITLAB_TOKEN, _GITLAB, parts.netloc, variables)
        return GitlabSource(kind, name, parts.netloc, path[0], token)
    raise BadSourceError(
        f"`{url}` is not an address that plugins can be downloaded from",
        hint="Use https://…, github://api.github.com/ORGANIZATION[/REPOSITORY], gitlab://HOST/PROJECT-ID"
        " or git://HOST/ORGANIZATION/REPOSITORY[/FOLDER]",
    )


def _token(setting: Setting[str | None], usual: str, host: str, variables: Mapping[str, str]) -> str | None:
    """
    The user's token, if it is meant for *host*.

    An address may come from a package's metadata, and whoever wrote that is not to have the
    token: it goes to the service that it is named after, and to a server that the user names.
    """
    named = [variables.get(each, "") for each in _NAMED_BY[setting.name]]
    own = {urlsplit(each).netloc if "://" in each else each for each in named if each}
    own |= {f"api.{each}" for each in own}
    return setting.value(variables) if host.lower() in {usual, *map(str.lower, own)} else None


def _overridden(text: str, variables: Mapping[str, str]) -> str | None:
    for entry in PLUGIN_DOWNLOAD_URL_OVERRIDES.value(variables):
        pattern, _, url = entry.partition("=")
        try:
            if url and re.search(pattern, text):
                return url
        except re.error as error:
            raise BadSourceError(
                f"PLUGIN_DOWNLOAD_URL_OVERRIDES holds `{pattern}`, which is not a regular expression",
                detail=str(error),
            ) from None
    return None


def _object(value: Any, shown: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FetchError(f"{shown} answered something else than a release")
    return value


def _tag_version(tag: Any, shown: str) -> str:
    if not isinstance(tag, str) or not tag:
        raise FetchError(f"{shown} does not tell which version is the newest")
    return tag.removeprefix("v")
