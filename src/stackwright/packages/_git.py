"""
Plugins from git repositories (protocol.md §7.3, packages.md §5.1, cli.md §11).

    github.com/acme/tools[/folder][@ref]          a well-known forge, or any address with `.git` in it
    https://host/acme/tools.git[/folder][@ref]    likewise; without `.git`, the first two parts
    git@host:acme/tools.git[/folder][@ref]        over ssh, as `ssh://` and `git+ssh://` too
    file:///srv/tools.git[/folder][@ref]          on this machine
    git://host/acme/tools[/folder]                what plugins' download addresses say for https

Decides what an address means, which commit a name or version stands for, and what the
plugin is called. The program `git` speaks with servers and knows the user's credentials.
A repository is never checked out: what is wanted of it is taken out as an archive, and
that is unpacked like any other one that is not trusted.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from semver import Version

from stackwright.environment import home, writing_home
from stackwright.errors import UserError
from stackwright.packages._errors import FetchError, MissingError
from stackwright.providers.plugin import parse_version

PIN: Final = "git:"
"""What hashes in lock files begin with that are commits."""
_FORGES: Final = ("github.com", "gitlab.com", "bitbucket.org")
_SCHEME: Final = re.compile(r"(?:git\+)?(https|http|ssh|file|git)://")
_SCP: Final = re.compile(r"([A-Za-z0-9._-]+)@([A-Za-z0-9.-]+):(?!/)(.+)")
_UNTAGGED: Final = re.compile(r"0\.0\.0-x([0-9a-f]{40}(?:[0-9a-f]{24})?)")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHORT: Final = re.compile(r"[0-9a-f]{4,40}")
_REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*")
# Neither a host nor a user begins with a dash: to `ssh` they would be options.
_HOST: Final = re.compile(
    r"(?:[^-@/\s][^@/\s]*@)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?"
)
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_STALL: Final = {"GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": "30"}
# The same for ssh: half a minute to connect and agree on keys, and no silence that is longer later on.
_SSH_STALL: Final = "-o ConnectTimeout=30 -o ServerAliveInterval=10 -o ServerAliveCountMax=3"


class BadRepositoryError(UserError):
    """A text looks like the address of a repository, but cannot be used as one."""

    code = "bad-repository"


class Repository(msgspec.Struct, frozen=True):
    """
    Where a plugin's sources are.

    Attributes:
        url: What `git` is given.
        folder: Where in the repository; empty for all of it.
    """

    url: str
    folder: str = ""

    @property
    def address(self) -> str:
        """The download address that SDKs and records keep; `parse_repository` reads it again."""
        scheme, _, rest = self.url.partition("://")
        prefix = "git" if scheme == "https" else f"git+{scheme}"
        return f"{prefix}://{rest}{f'/{self.folder}' if self.folder else ''}"

    @property
    def shown(self) -> str:
        """For the project file, as it was typed; see `told`."""
        scheme, _, rest = self.url.partition("://")
        where = rest if scheme == "https" and _is_recognised(rest) else self.url
        return f"{where}{f'/{self.folder}' if self.folder else ''}"

    @property
    def told(self) -> str:
        """For people: like `shown`, without a password that is in it."""
        return _without_passwords(self.shown)


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """A commit, what the plugin's version is there, and the name by which it can be asked for again."""

    commit: str
    version: str
    ref: str


def parse_repository(text: str) -> tuple[Repository, str] | None:
    """
    The repository that *text* names and the ref after `@`, or None if it names something else.

    Raises:
        BadRepositoryError: It is meant for a repository, but is none that can be used.
    """
    scp = _SCP.fullmatch(text)
    match = _SCHEME.match(text)
    if scp is not None:
        scheme, rest = "ssh", f"{scp[1]}@{scp[2]}/{scp[3]}"
    elif match is not None:
        scheme, rest = "https" if match[1] == "git" else match[1], text[match.end() :]
    elif _is_recognised(text):
        scheme, rest = "https", text
    else:
        return None
    host, slash, path = rest.partition("/")
    path, _, ref = path.partition("@")
    if not slash or not path.strip("/"):
        raise BadRepositoryError(f"`{text}` names no repository", hint=_LIKE)
    if scheme == "http" and host.partition(":")[0] not in _LOOPBACK:
        raise BadRepositoryError(f"`{text}` is not encrypted", hint="Use https or ssh")
    if (scheme == "file") != (host == ""):
        raise BadRepositoryError(f"`{text}` names no repository", hint=_LIKE)
    if (host and not _HOST.fullmatch(host)) or not text.isprintable():
        raise BadRepositoryError(f"`{_without_passwords(text)}` names no server", hint=_LIKE)
    if ref and not _REF.fullmatch(ref):
        raise BadRepositoryError(f"`{ref}` cannot be a tag, a branch or a commit", detail=f"Read in `{text}`")
    parts = path.strip("/").split("/")
    if any(part in ("", ".", "..") or part.startswith("-") for part in parts):
        raise BadRepositoryError(f"`{text}` has a path that leads nowhere", hint=_LIKE)
    ends = [number for number, part in enumerate(parts, 1) if part.endswith(".git")]
    end = ends[0] if ends else len(parts) if scheme == "file" else 2
    url = f"{scheme}://{host}/{'/'.join(parts[:end])}"
    return Repository(url, "/".join(parts[end:])), ref


_LIKE: Final = "Addresses look like github.com/acme/tools/folder@v1.0.0 or https://host/acme/tools.git/folder"


def _is_recognised(text: str) -> bool:
    """Whether an address without a scheme is one of a repository, and not of a Terraform provider."""
    host, _, path = text.partition("@")[0].partition("/")
    return host in _FORGES or ("." in host and any(part.endswith(".git") for part in path.split("/")))


def ref_of(version: str) -> str:
    """What a plugin's version is asked for by: a commit, or a tag."""
    untagged = _UNTAGGED.fullmatch(version)
    return untagged[1] if untagged else version


class Git:
    """The program `git`, asked without any question to the user. Blocks."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def resolve(self, repository: Repository, ref: str = "") -> Revision:
        """
        The commit that *ref* means: a tag (with or without `v`, or below the folder's name), a
        branch or a commit. Without one, the newest release's tag, or else the newest commit.

        Raises:
            MissingError: The repository has nothing of that name.
            FetchError: It cannot be asked.
        """
        if _COMMIT.fullmatch(ref):
            return _untagged(ref)
        refs = self._refs(repository)
        found = _named(refs, repository.folder, ref) if ref else _newest(refs, repository.folder)
        if found is not None:
            return found
        if _SHORT.fullmatch(ref):
            with self._fetched(repository, "") as clone:
                done = self._try("-C", str(clone), "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
                if done.returncode == 0:
                    return _untagged(done.stdout.strip())
        what = f"no tag, branch or commit `{ref}`" if ref else "no commits"
        raise MissingError(
            f"The repository {repository.told} has {what}",
            detail=_listed("Tags", [name.removeprefix("refs/tags/") for name in refs if "/tags/" in name]),
        )

    def archive(self, repository: Repository, commit: str) -> Path:
        """
        A tar file with what the folder of *repository* holds at *commit*, in our downloads folder.

        Raises:
            MissingError: There is no such commit, or no such folder in it.
            FetchError: It cannot be fetched.
        """
        if not _COMMIT.fullmatch(commit):
            raise MissingError(f"`{commit}` is no commit of the repository {repository.told}")
        downloads = home(self._environ) / "downloads"
        with self._fetched(repository, commit) as clone:
            with writing_home(FetchError, f"{downloads} cannot be written"):
                downloads.mkdir(parents=True, exist_ok=True, mode=0o700)
                handle, name = tempfile.mkstemp(prefix="git-", suffix=".part", dir=downloads)
            os.close(handle)
            wanted = f"{commit}:{repository.folder}" if repository.folder else commit
            done = self._try("-C", str(clone), "archive", "--format=tar", f"--output={name}", wanted)
            if done.returncode != 0:
                Path(name).unlink(missing_ok=True)
                raise MissingError(
                    f"The repository {repository.told} has no such folder at commit {commit[:12]}",
                    detail=done.stderr.strip() or None,
                )
        return Path(name)

    def _refs(self, repository: Repository) -> dict[str, str]:
        lines = self._run(repository, "ls-remote", "--", repository.url).splitlines()
        pairs = (line.partition("\t") for line in lines)
        refs = {name: commit for commit, _, name in pairs if _COMMIT.fullmatch(commit)}
        # An annotated tag is an object of its own; the line after it says which commit it means.
        peeled = {name.removesuffix("^{}"): commit for name, commit in refs.items() if name.endswith("^{}")}
        return {name: peeled.get(name, commit) for name, commit in refs.items() if not name.endswith("^{}")}

    @contextlib.contextmanager
    def _fetched(self, repository: Repository, commit: str) -> Iterator[Path]:
        """A bare clone that has *commit*, or everything."""
        with tempfile.TemporaryDirectory(prefix="stackwright-git-") as folder:
            clone = Path(folder) / "clone"
            self._run(repository, "init", "--quiet", "--bare", "--template=", str(clone))
            fetch = ("-C", str(clone), "fetch", "--quiet", "--no-tags", "--no-recurse-submodules")
            if not commit or self._try(*fetch, "--depth=1", "--", repository.url, commit).returncode != 0:
                # Some servers hand out only what has a name: then everything that has one is fetched.
                self._run(repository, *fetch, "--", repository.url, "+refs/*:refs/fetched/*")
            if commit and self._try("-C", str(clone), "cat-file", "-e", f"{commit}^{{commit}}").returncode:
                raise MissingError(
                    f"The repository {repository.told} has no commit {commit}",
                    hint="It may have been rewritten; `stackwright package upgrade` chooses anew",
                )
            yield clone

    def _run(self, repository: Repository, *words: str) -> str:
        done = self._try(*words)
        if done.returncode == 0:
            return done.stdout
        raise FetchError(
            f"The repository {repository.told} cannot be fetched",
            detail=_without_passwords(done.stderr).strip()[-2000:] or f"git ended with {done.returncode}",
            hint=f"Make sure that this works: git ls-remote {_without_passwords(repository.url)}",
        )

    def _try(self, *words: str) -> subprocess.CompletedProcess[str]:
        program = shutil.which("git", path=self._environ.get("PATH", os.defpath))
        if program is None:
            raise FetchError(
                "Plugins from repositories are fetched with `git`, which is not installed", hint="Install git"
            )
        variables = {
            **self._environ,
            **_STALL,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": "https:http:ssh:file",
            "LC_ALL": "C",
        }
        for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
            variables.pop(name, None)
        # Whatever the address says: the user's settings may have git use ssh for it.
        variables.update(_patient_ssh(program, variables))
        return _asked(program, *words, variables=variables)


def _patient_ssh(git: str, variables: Mapping[str, str]) -> dict[str, str]:
    """Variables that have `ssh` wait for a limited time; the user's command and its options come first."""
    command = variables.get("GIT_SSH_COMMAND")
    if not command and not variables.get("GIT_SSH"):
        command = _asked(git, "config", "core.sshCommand", variables=variables).stdout.strip() or "ssh"
    # Another program than OpenSSH's has other options, or none.
    words = command.split() if command else []
    return {"GIT_SSH_COMMAND": f"{command} {_SSH_STALL}"} if words and Path(words[0]).name == "ssh" else {}


def _asked(git: str, *words: str, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [git, *words],
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _untagged(commit: str) -> Revision:
    return Revision(commit=commit, version=f"0.0.0-x{commit}", ref=commit)


def _named(refs: Mapping[str, str], folder: str, ref: str) -> Revision | None:
    names = [ref, f"v{ref}"] if parse_version(ref) else [ref]
    for name in [*(f"{folder}/{each}" for each in names if folder), *names]:
        commit = refs.get(f"refs/tags/{name}")
        if commit is not None:
            return _tagged(name, commit, folder) or _untagged(commit)
    commit = refs.get(f"refs/heads/{ref}")
    return _untagged(commit) if commit is not None else None


def _newest(refs: Mapping[str, str], folder: str) -> Revision | None:
    tags = {
        name.removeprefix("refs/tags/"): commit
        for name, commit in refs.items()
        if name.startswith("refs/tags/")
    }
    start = f"{folder}/"
    own = {name: commit for name, commit in tags.items() if folder and name.startswith(start)}
    plain = {name: commit for name, commit in tags.items() if "/" not in name}
    for among in (own, plain):
        releases = [found for name, commit in among.items() if (found := _tagged(name, commit, folder))]
        if releases:
            return max(releases, key=lambda each: _rank(Version.parse(each.version)))
    return _untagged(refs["HEAD"]) if "HEAD" in refs else None


def _tagged(name: str, commit: str, folder: str) -> Revision | None:
    """The revision of a tag that is a version."""
    short = name.removeprefix(f"{folder}/") if folder else name
    try:
        version = Version.parse(short.removeprefix("v"))
    except ValueError:
        return None
    return Revision(commit=commit, version=str(version), ref=short)


def _rank(version: Version) -> tuple[bool, Version]:
    return version.prerelease is None, version


def _listed(title: str, names: Sequence[str]) -> str | None:
    return f"{title}: {', '.join(sorted(names)[-10:])}" if names else None


def _without_passwords(text: str) -> str:
    return re.sub(r"(://[^/:@\s]*):[^/@\s]*@", r"\1:***@", text)
