"""Plugins from git repositories (protocol.md §7.3, §7.4, packages.md §5.1, cli.md §11)."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support.commands import Room

from stackwright.packages._errors import FetchError, MissingError
from stackwright.packages._git import BadRepositoryError, Git, Repository, parse_repository
from stackwright.packages._plugin_installer import PluginInstaller, PluginRequest
from stackwright.packages._web import Web
from stackwright.project import load_project
from stackwright.providers._lock_file import read_lock_file
from stackwright.providers.plugin import find_plugin, plugin_name
from stackwright.values import UnsafeArchiveError

COMPONENTS = """
import sys
from typing import Optional, TypedDict

import pulumi
from pulumi.provider.experimental import component_provider_host


class GreeterArgs(TypedDict):
    who: pulumi.Input[str]


class Greeter(pulumi.ComponentResource):
    text: pulumi.Output[str]

    def __init__(self, name: str, args: GreeterArgs, opts: Optional[pulumi.ResourceOptions] = None):
        super().__init__("greetings:index:Greeter", name, {}, opts)
        self.text = pulumi.Output.concat("GREETING, ", args["who"])
        self.register_outputs({"text": self.text})


if __name__ == "__main__":
    print("loud", file=sys.stderr)
    component_provider_host(components=[Greeter], name="greetings")
"""


class Published:
    """A repository as a publisher has it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        folder.mkdir(parents=True)
        self("init", "--quiet", "--initial-branch=main")

    def __call__(self, *words: str) -> str:
        environ = {
            **os.environ,
            **{
                f"GIT_{who}_{what}": "t@example.com"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        done = subprocess.run(
            ["git", *words], cwd=self.path, env=environ, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str], *tags: str) -> str:
        """Record *files*, under these annotated tags; the commit."""
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self("add", "--all")
        self("commit", "--quiet", "--allow-empty", "--message", "next")
        for tag in tags:
            self("tag", "--annotate", "--message", tag, tag)
        return self("rev-parse", "HEAD")

    def greeter(self, greeting: str, *tags: str, folder: str = "greetings") -> str:
        files = {
            f"{folder}/PulumiPlugin.yaml": "runtime: python\n",
            f"{folder}/requirements.txt": "pulumi>=3.150\n",
            f"{folder}/__main__.py": COMPONENTS.replace("GREETING", greeting),
        }
        return self.commit(files, *tags)

    @property
    def url(self) -> str:
        return self.path.as_uri()

    @property
    def repository(self) -> Repository:
        return Repository(self.url)


@pytest.fixture
def published(tmp_path: Path) -> Published:
    if shutil.which("git") is None:
        pytest.skip("`git` is not installed")
    return Published(tmp_path / "served" / "tools.git")


@pytest.fixture
def installer() -> Iterator[PluginInstaller]:
    with Web() as web:
        yield PluginInstaller(web)


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "url", "folder", "ref"),
        [
            ("github.com/acme/tools", "https://github.com/acme/tools", "", ""),
            ("github.com/acme/tools@v1.0.0", "https://github.com/acme/tools", "", "v1.0.0"),
            ("github.com/acme/tools/a/b@main", "https://github.com/acme/tools", "a/b", "main"),
            ("github.com/acme/tools.git/a@feature/x", "https://github.com/acme/tools.git", "a", "feature/x"),
            ("gitlab.com/a/b/c.git/d", "https://gitlab.com/a/b/c.git", "d", ""),
            ("git.example.com/a/b/tools.git/d", "https://git.example.com/a/b/tools.git", "d", ""),
            ("https://git.example.com:8443/acme/tools/d", "https://git.example.com:8443/acme/tools", "d", ""),
            ("git://github.com/acme/tools/d", "https://github.com/acme/tools", "d", ""),
            ("git@github.com:acme/tools.git/d@v1", "ssh://git@github.com/acme/tools.git", "d", "v1"),
            ("ssh://git@h.example/acme/tools", "ssh://git@h.example/acme/tools", "", ""),
            ("git+ssh://git@h.example/acme/tools.git/d", "ssh://git@h.example/acme/tools.git", "d", ""),
            ("file:///srv/tools", "file:///srv/tools", "", ""),
            ("file:///srv/x/tools.git/d@abc123", "file:///srv/x/tools.git", "d", "abc123"),
            ("http://localhost:80/a/b.git", "http://localhost:80/a/b.git", "", ""),
        ],
    )
    def test_what_they_mean(self, text: str, url: str, folder: str, ref: str) -> None:
        """cli.md §11: `host/org/repo[.git/path][@tag-or-hash]`, and the forms that `git` knows."""
        found = parse_repository(text)
        assert found == (Repository(url, folder), ref)
        assert parse_repository(found[0].address) == (found[0], "")
        assert parse_repository(found[0].shown) == (found[0], "")

    @pytest.mark.parametrize(
        "text",
        [
            "hashicorp/aws",
            "registry.example.com/team/thing",
            "random",
            "a.b/c@1",
            "ext::sh -c touch% x",
            "--upload-pack=x",
        ],
    )
    def test_other_things(self, text: str) -> None:
        """A Terraform provider's address and a plugin's name are none."""
        assert parse_repository(text) is None

    @pytest.mark.parametrize(
        "text",
        [
            "https://example.com",
            "http://example.com/a/b.git",
            "https://example.com/a/b.git/../c",
            "https://example.com/a/--upload-pack=x",
            "github.com/a/b@--x",
            "github.com/a/b@a b",
            "file://host/a/b.git",
            "github.com/a/b//c",
            "git+ssh://-oProxyCommand=touch%20x/a/b",
            "ssh://git@-oProxyCommand=x/a/b",
            "ssh://-l@host/a/b",
            "git@-oX:a/b.git",
            "https://-x/a/b.git",
            "https://ho st/a/b.git",
            "https://host/a/b\n.git",
            "https://host:x/a/b.git",
        ],
    )
    def test_unusable_ones(self, text: str) -> None:
        """design.md §8: nothing that `git` could take for a flag, no way outside, no open line."""
        with pytest.raises(BadRepositoryError):
            parse_repository(text)

    def test_passwords_are_not_repeated(self) -> None:
        found = parse_repository("https://me:s3cret@host.invalid/a/b.git")
        assert found is not None
        with pytest.raises(FetchError) as caught:
            Git().resolve(found[0])
        assert "s3cret" not in str(caught.value)

    def test_what_is_pinned_is_a_commit(self) -> None:
        """A lock file that somebody else wrote gives `git` no flags."""
        with pytest.raises(MissingError, match="is no commit"):
            Git().archive(Repository("https://host.invalid/a/b"), "--output=/tmp/x")

    @pytest.mark.parametrize(
        ("address", "name"),
        [
            ("git://github.com/acme/tools", "github.com_acme_tools"),
            ("git://github.com/acme/tools.git/a/b", "github.com_acme_tools.git_a_b"),
            ("git+ssh://git@h.example:22/acme/tools", "h.example_22_acme_tools"),
            ("git+file:///srv/tools.git", "srv_tools.git"),
            ("https://example.com/x", "thing"),
        ],
    )
    def test_local_names(self, address: str, name: str) -> None:
        """§7.3: `<host>_<org>_<repo>[_<path>]`."""
        assert plugin_name("thing", address) == name

    def test_long_local_names(self) -> None:
        """File names have an end; two long addresses stay two."""
        one, two = (plugin_name("", f"git://h.example/{'a' * 300}/{end}") for end in "bc")
        assert len(one) < 150
        assert one != two


class TestRevisions:
    def test_tags(self, published: Published) -> None:
        """§7.3: the version is the tag's; a commit is meant, not the tag's own object."""
        first = published.commit({"a": "1"}, "v1.0.0")
        second = published.commit({"a": "2"}, "1.10.0", "nightly")
        published.commit({"a": "3"}, "v2.0.0-rc.1")
        git, repository = Git(), published.repository
        assert git.resolve(repository).commit == second
        assert git.resolve(repository).version == "1.10.0"
        for ref in ("v1.0.0", "1.0.0"):
            assert (git.resolve(repository, ref).commit, git.resolve(repository, ref).version) == (
                first,
                "1.0.0",
            )
        assert git.resolve(repository, "nightly").version == f"0.0.0-x{second}"
        assert git.resolve(repository, "v2.0.0-rc.1").version == "2.0.0-rc.1"

    def test_tags_of_a_folder(self, published: Published) -> None:
        """Repositories of many plugins tag them as `folder/v1.0.0`."""
        published.commit({"a/x": "1"}, "v9.0.0")
        wanted = published.commit({"a/x": "2"}, "a/v1.2.0", "b/v3.0.0")
        found = Git().resolve(Repository(published.url, "a"))
        assert (found.commit, found.version, found.ref) == (wanted, "1.2.0", "v1.2.0")
        assert Git().resolve(Repository(published.url, "a"), found.ref) == found
        assert Git().resolve(Repository(published.url, "c")).version == "9.0.0"

    def test_commits_and_branches(self, published: Published) -> None:
        """§7.3: `0.0.0-x<hash>` for what has no version."""
        commit = published.commit({"a": "1"})
        published.commit({"a": "2"})
        newest = published("rev-parse", "HEAD")
        git, repository = Git(), published.repository
        assert git.resolve(repository).version == f"0.0.0-x{newest}"
        assert git.resolve(repository, "main").commit == newest
        assert git.resolve(repository, commit).version == f"0.0.0-x{commit}"
        assert git.resolve(repository, commit[:8]).commit == commit

    def test_nothing_of_that_name(self, published: Published, tmp_path: Path) -> None:
        """Each says which repository, and what there is."""
        published.commit({"a": "1"}, "v1.0.0")
        with pytest.raises(MissingError, match="no tag, branch or commit `v2`") as caught:
            Git().resolve(published.repository, "v2")
        assert "Tags: v1.0.0" in str(caught.value)
        with pytest.raises(FetchError, match="cannot be fetched") as refused:
            Git().resolve(Repository((tmp_path / "nowhere.git").as_uri()))
        assert "git ls-remote file://" in str(refused.value)
        with pytest.raises(FetchError, match="not installed"):
            Git({"PATH": str(tmp_path)}).resolve(published.repository)

    def test_servers_that_hand_out_files_alone(self, published: Published, tmp_path: Path) -> None:
        """Without a way to ask for one commit, everything is fetched; open lines only within this machine."""
        commit = published.commit({"a": "1"}, "v1.0.0")
        published.commit({"a": "2"})
        bare = tmp_path / "www" / "tools.git"
        published("clone", "--quiet", "--bare", ".", str(bare))
        published("-C", str(bare), "update-server-info")
        handler = functools.partial(Quiet, directory=str(bare.parent.parent))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                found = parse_repository(f"http://127.0.0.1:{server.server_address[1]}/www/tools.git@v1.0.0")
                assert found is not None
                git = Git({name: text for name, text in os.environ.items() if "proxy" not in name.lower()})
                assert git.resolve(*found).commit == commit
                assert git.archive(found[0], commit).stat().st_size > 0
            finally:
                server.shutdown()
                thread.join()


class TestOverSsh:
    """The server is `ssh` itself, replaced by a script that notes what it is called with."""

    @pytest.fixture
    def tools(self, tmp_path: Path) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("ssh", "plink"):
            script = folder / name
            script.write_text(f'#!/bin/sh\necho {name} "$@" >> {tmp_path}/called\nexit 255\n')
            script.chmod(0o755)
        return folder

    @pytest.mark.parametrize(
        ("settings", "begins", "limited"),
        [
            ({}, "ssh ", True),
            ({"GIT_SSH_COMMAND": "ssh -o ConnectTimeout=5"}, "ssh -o ConnectTimeout=5 ", True),
            (
                {
                    "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "core.sshCommand",
                    "GIT_CONFIG_VALUE_0": "ssh -i key",
                },
                "ssh -i key ",
                True,
            ),
            ({"GIT_SSH_COMMAND": "plink"}, "plink ", False),
        ],
    )
    def test_it_waits_for_a_limited_time(
        self, settings: dict[str, str], begins: str, limited: bool, tools: Path, tmp_path: Path
    ) -> None:
        """packages.md §5.1: to connect, and for an answer; options that the user gives count before ours."""
        git = Git({"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path), **settings})

        with pytest.raises(FetchError, match="cannot be fetched"):
            git.resolve(Repository("ssh://git@example.com/acme/tools.git"))

        called = (tmp_path / "called").read_text()
        assert called.startswith(begins)
        assert ("ConnectTimeout=30" in called and "ServerAliveInterval=10" in called) is limited


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Tests say what they want to know."""


class TestInstalling:
    def test_a_folder_at_a_tag(self, published: Published, installer: PluginInstaller) -> None:
        """§7.3, §7.4: only the folder, pinned by its commit; no repository and no environment beside it."""
        commit = published.greeter("hello", "v1.0.0")
        address = Repository(published.url, "greetings").address
        done = installer.install(PluginRequest(name="greetings", server=address))
        name = plugin_name("greetings", address)
        assert done.plugin.directory.name == f"resource-{name}-v1.0.0"
        assert sorted(each.name for each in done.plugin.directory.iterdir()) == [
            "PulumiPlugin.yaml",
            "__main__.py",
            "requirements.txt",
        ]
        assert f"git:{commit}" in done.entry.hashes
        assert not done.plugin.directory.with_name(f"{done.plugin.directory.name}.venv").exists()
        assert find_plugin(name, "1.0.0").path == done.plugin.directory

    def test_the_pinned_commit(self, published: Published, installer: PluginInstaller) -> None:
        """issue 5: a tag that was moved since changes nothing for who has pinned it."""
        old = published.greeter("hello", "v1.0.0")
        address = Repository(published.url, "greetings").address
        published.greeter("evil")
        published("tag", "--force", "v1.0.0")
        request = PluginRequest(name="x", version="1.0.0", server=address, pinned=(f"git:{old}",))
        done = installer.install(request)
        assert "hello" in (done.plugin.directory / "__main__.py").read_text()
        gone = PluginRequest(name="x", version="1.0.0", server=address, pinned=(f"git:{'0' * 40}",))
        with pytest.raises(FetchError, match="cannot be downloaded") as caught:
            installer.install(gone, reinstall=True)
        assert f"has no commit {'0' * 40}" in str(caught.value)

    def test_no_such_folder(self, published: Published, installer: PluginInstaller) -> None:
        """The error names it."""
        published.greeter("hello", "v1.0.0")
        with pytest.raises(MissingError, match="cannot be downloaded") as caught:
            installer.install(PluginRequest(name="x", server=Repository(published.url, "other").address))
        assert "tools.git/other has no such folder at commit" in str(caught.value)

    def test_links_that_lead_outside(self, published: Published, installer: PluginInstaller) -> None:
        """design.md §8: a repository is no more trusted than an archive."""
        (published.path / "link").symlink_to("../../../etc/passwd")
        published.commit({"PulumiPlugin.yaml": "runtime: python\n"}, "v1.0.0")
        with pytest.raises(UnsafeArchiveError):
            installer.install(PluginRequest(name="x", server=published.repository.address))

    def test_nothing_of_it_is_run(
        self, published: Published, installer: PluginInstaller, tmp_path: Path
    ) -> None:
        """Neither hooks nor filters nor submodules of a repository have any effect."""
        mark = tmp_path / "mark"
        published.commit(
            {
                "PulumiPlugin.yaml": "runtime: python\n",
                ".gitattributes": "* filter=evil\n",
                ".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = "ext::sh -c touch% {mark}"\n',
            },
            "v1.0.0",
        )
        hook = published.path / ".git" / "hooks" / "post-checkout"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
        installer.install(PluginRequest(name="x", server=published.repository.address))
        assert not mark.exists()


PROGRAM = """
    import pulumi
    import pulumi_greetings as greetings

    greeter = greetings.Greeter("one", who="world")
    pulumi.export("text", greeter.text)
    """


def test_from_a_repository_to_a_program(published: Published, tmp_path: Path) -> None:
    """packages.md §5.1, §5.2: added, used, moved to another machine, upgraded."""
    room = Room(tmp_path, PROGRAM)
    room.environment.pop("STACKWRIGHT_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION")
    first = published.greeter("hello", "v1.0.0")
    added = room.run("package", "add", f"{published.url}/greetings")
    assert added.status == 0, added.text
    assert "loud" not in added.text  # what plugins print is for those who look for a fault in them
    project = load_project(room.project / "Pulumi.yaml")
    spec = project.packages["greetings"]
    assert (spec.source, spec.version) == (f"{published.url}/greetings", "v1.0.0")
    (entry,) = read_lock_file(room.project).plugins
    assert f"git:{first}" in entry.hashes
    assert entry.version == "1.0.0"
    # The plugin ran for its schema already, and wrote nothing among its pinned files.
    room.init().up()
    assert room.outputs() == {"text": "hello, world"}

    # Another machine, and a tag that was moved meanwhile: the pinned commit comes, when it is needed.
    published.greeter("moved")
    published("tag", "--force", "v1.0.0")
    there = Room(tmp_path / "there", PROGRAM)
    there.environment.pop("STACKWRIGHT_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION")
    for name in ("Pulumi.yaml", "requirements.txt", "stackwright.lock"):
        shutil.copy(room.project / name, there.project / name)
    there.ok("install", "--no-plugins")  # those of the packages that this environment has besides
    shutil.rmtree(there.home / "stackwright" / "plugins")
    there.init().up()
    assert there.outputs() == {"text": "hello, world"}

    published.greeter("welcome", "v1.1.0")
    upgraded = there.run("package", "upgrade")
    assert upgraded.status == 0, upgraded.text
    assert "greetings: 1.0.0 -> 1.1.0" in upgraded.out
    there.up()
    assert there.outputs() == {"text": "welcome, world"}
    listed = json.loads(there.ok("package", "ls", "--json"))
    assert [(each["name"], each["version"], each["pinned"]) for each in listed] == [
        ("greetings", "1.1.0", True)
    ]
