"""
Who has to keep the contract: a resource type of each provider implementation, and what to expect of it.

To put another implementation under contract, add a `Subject` to `SUBJECTS`.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support import dynamic_things, goplugin, pages, tfproviders
from support.deployments import FakeProvider
from support.ledger import Ledger
from support.terraform_packages import terraform_provider

from stackwright.goals import PackageRequest
from stackwright.providers import Provider, builtin
from stackwright.providers.plugin import PluginContext, PluginHost, ProjectPlugin
from stackwright.providers.python import Admission, Calls, ClassProvider, DynamicProvider, Signatures
from stackwright.sdk.dynamic.dynamic import serialize_provider
from stackwright.sdk.python_provider import source_of
from stackwright.values import Archive, Asset, PropertyMap, archive_hash, asset_hash

TESTS = Path(__file__).parents[2]
HOSTED = TESTS / "sdk" / "hosted"


@dataclass(frozen=True, slots=True)
class Home:
    """A provider that is open, and a look at the world it manages (None: it manages none)."""

    provider: Provider
    world: Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function: arguments that are right, and wrong ones with the properties that are to be named."""

    token: str
    args: PropertyMap
    wrong: PropertyMap
    failing: frozenset[str]
    sealed: str = ""
    """An argument that shows up in the answer, for a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """
    One resource type. What a field leaves out is not promised by the type, and not asked.

    `inputs` are valid. `updated` and `replaced` are changed ones, which lead to an update
    and to a replacement because of `replacing`. `invalid` ones fail at `failing`.
    """

    type: str
    open: Callable[[Path], AbstractAsyncContextManager[Home]]
    inputs: PropertyMap
    updated: PropertyMap | None = None
    replaced: PropertyMap | None = None
    replacing: frozenset[str] = frozenset()
    invalid: PropertyMap = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    unknown: str = ""
    """An input that a preview may not know yet."""
    sealed: str = ""
    """An input that takes a text, for a secret."""
    secret_outputs: frozenset[str] = frozenset()
    """Outputs that are secret whatever the inputs are."""
    named: str = ""
    """The input that is made up where it is missing."""
    import_id: Callable[[str, PropertyMap], str] | None = None
    """What an object is imported by, made of its id and bare outputs; None: it cannot be imported."""
    looks: bool = True
    """`read` looks at the real object; otherwise the record is all there is to read."""
    by_id: bool = True
    """Objects are found by their ids, which are all different; otherwise by what is recorded of them."""
    place: str = ""
    """The input that says where the one object is, so that no two objects may share it."""
    compares: bool = True
    """`diff` answers by itself, and does not leave it to the engine."""
    names_changes: bool = True
    """`diff` says which inputs differ, and not only that some do."""
    describes: bool = True
    """There is a schema."""
    foresees: bool = False
    """`diff` also names outputs that will change."""
    settles: bool = False
    """What is read the first time may differ from what was made (terraform.md §5.5)."""
    lists: bool = False
    """The provider finds what exists."""
    any_type: bool = False
    """The provider takes whatever type it is asked for."""
    function: Function | None = None

    @property
    def package(self) -> str:
        return self.type.partition(":")[0]

    def __str__(self) -> str:
        return f"{self.open.__name__}-{self.type.rpartition(':')[2]}"


def _by_id(id_: str, outputs: PropertyMap) -> str:
    return id_


@asynccontextmanager
async def embedded_random(folder: Path) -> AsyncIterator[Home]:
    async with _embedded("random", folder) as home:
        yield home


@asynccontextmanager
async def embedded_command(folder: Path) -> AsyncIterator[Home]:
    async with _embedded("command", folder) as home:
        yield home


@asynccontextmanager
async def embedded_local(folder: Path) -> AsyncIterator[Home]:
    async with _embedded("local", folder) as home:
        yield home


@asynccontextmanager
async def _embedded(package: str, folder: Path) -> AsyncIterator[Home]:
    provider = builtin.open(package, directory=folder)
    assert provider is not None
    (folder / "given").write_text("for functions that read")
    try:
        yield Home(provider, lambda: _files(folder))
    finally:
        await provider.close()


@asynccontextmanager
async def terraform_vintage(folder: Path) -> AsyncIterator[Home]:
    async with _terraform("vintage", folder) as home:
        yield home


@asynccontextmanager
async def terraform_modern(folder: Path) -> AsyncIterator[Home]:
    async with _terraform("modern", folder) as home:
        yield home


@asynccontextmanager
async def _terraform(name: str, folder: Path) -> AsyncIterator[Home]:
    cloud = tfproviders.Cloud(folder / "cloud")
    environ = {**os.environ, f"{name.upper()}_PATH": str(cloud.folder)}
    async with terraform_provider(name, environ=environ) as provider:
        yield Home(provider, cloud.objects)


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below *folder*, with its permissions and contents."""
    return {
        str(path): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


@asynccontextmanager
async def go_framework(folder: Path) -> AsyncIterator[Home]:
    async with _plugin("ledger", folder) as home:
        yield home


@asynccontextmanager
async def go_raw(folder: Path) -> AsyncIterator[Home]:
    async with _plugin("rawledger", folder) as home:
        yield home


@asynccontextmanager
async def _plugin(name: str, folder: Path) -> AsyncIterator[Home]:
    goplugin.install(folder / "plugins", name=name)
    ledger = Ledger(folder / "ledger.jsonl")
    environ = {
        **os.environ,
        **ledger.environment(),
        "STACKWRIGHT_HOME": str(folder),
        "PULUMI_HOME": str(folder),
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
    }
    host = PluginHost(PluginContext(directory=folder), log=lambda said: None, environ=environ)
    try:
        provider = await host.load(PackageRequest(name=name, version=goplugin.VERSION), environment={})
        yield Home(provider, ledger.objects)
    finally:
        await host.close()


@asynccontextmanager
async def hosted_store(folder: Path) -> AsyncIterator[Home]:
    """A provider written with `pulumi.provider.experimental`, as a plugin under our own host."""
    items = folder / "items"
    items.mkdir()
    plugin = folder / "store"
    shutil.copytree(HOSTED / "store", plugin)
    (plugin / "PulumiPlugin.yaml").write_text("runtime: python\n")
    environ = {**os.environ, "STORE_PATH": str(items), "STACKWRIGHT_HOME": str(folder)}
    context = PluginContext(directory=folder, plugins=(ProjectPlugin(name="store", path=plugin),))
    host = PluginHost(context, log=lambda said: None, environ=environ)
    try:
        yield Home(await host.load(PackageRequest(name="store"), environment={}), lambda: _files(items))
    finally:
        await host.close()


@asynccontextmanager
async def fake(folder: Path) -> AsyncIterator[Home]:
    provider = FakeProvider()
    yield Home(provider, lambda: {id_: dict(held) for id_, held in provider.objects.items()})
    await provider.close()


@asynccontextmanager
async def dynamic(folder: Path) -> AsyncIterator[Home]:
    calls = Calls(directory=folder, project="project", log=lambda said: None)
    provider = DynamicProvider(calls, Admission(Signatures(None), trusting=True))
    yield Home(provider, dynamic_things.objects)
    await provider.close()


@asynccontextmanager
async def dynamic_plugin(folder: Path) -> AsyncIterator[Home]:
    """The same providers, served as the plugin that other engines start (protocol.md §13.7)."""
    plugin = folder / "plugin"
    plugin.mkdir()
    (plugin / "PulumiPlugin.yaml").write_text("runtime: python\n")
    (plugin / "__main__.py").write_text("from pulumi.dynamic.__main__ import main\nmain()\n")
    held = folder / "things.json"
    environ = {
        **os.environ,
        dynamic_things.FILE: str(held),
        "PYTHONPATH": str(TESTS),
        "STACKWRIGHT_HOME": str(folder),
    }
    context = PluginContext(directory=folder, plugins=(ProjectPlugin(name="pulumi-python", path=plugin),))
    host = PluginHost(context, log=lambda said: None, environ=environ)
    try:
        provider = await host.load(PackageRequest(name="pulumi-python"), environment={})
        yield Home(provider, lambda: dynamic_things.objects(held))
    finally:
        await host.close()


@asynccontextmanager
async def classes(folder: Path) -> AsyncIterator[Home]:
    def hear(said: object) -> None:
        pass

    provider = ClassProvider(Calls(directory=folder, project="project", log=hear), log=hear)
    yield Home(provider, lambda: dict(pages.PAGES))
    await provider.close()


def _pieces(**named: Any) -> PropertyMap:
    return dict(named)


TEXT = Asset(text="t", hash=asset_hash(Asset(text="t"), Path()))

PAGES: dict[str, Any] = {
    "__class": {"reference": "support.pages:Pages", "source": source_of(pages.Pages)},
    "parts": [],
}
THINGS = serialize_provider(dynamic_things.Things())

DYNAMIC = Subject(
    type="pulumi-python:dynamic:Resource",
    open=dynamic,
    inputs=_pieces(value="v", fixed="f", __provider=THINGS),
    updated=_pieces(value="w", fixed="f", __provider=THINGS),
    replaced=_pieces(value="v", fixed="g", __provider=THINGS),
    replacing=frozenset({"fixed"}),
    invalid=_pieces(value=1, __provider=THINGS),
    failing=frozenset({"value"}),
    unknown="value",
    sealed="value",
    by_id=False,
    any_type=True,
)

SUBJECTS = [
    DYNAMIC,
    dataclasses.replace(DYNAMIC, open=dynamic_plugin, names_changes=False, describes=False),
    Subject(
        type="stackwright-python:support/pages:Pages",
        open=classes,
        inputs=_pieces(value="v", fixed="f", **PAGES),
        updated=_pieces(value="w", fixed="f", **PAGES),
        replaced=_pieces(value="v", fixed="g", **PAGES),
        replacing=frozenset({"fixed"}),
        invalid=_pieces(value=1, **PAGES),
        failing=frozenset({"value"}),
        unknown="value",
        sealed="value",
        secret_outputs=frozenset({"key"}),
        import_id=_by_id,
    ),
    Subject(
        type="test:index:Thing",
        open=fake,
        inputs=_pieces(value="v", size=1, fixed="f"),
        updated=_pieces(value="w", size=1, fixed="f"),
        replaced=_pieces(value="v", size=1, fixed="g"),
        replacing=frozenset({"fixed"}),
        invalid=_pieces(bad=1),
        failing=frozenset({"bad"}),
        unknown="value",
        sealed="value",
        import_id=_by_id,
        any_type=True,
    ),
    Subject(
        type="random:index/randomInteger:RandomInteger",
        open=embedded_random,
        inputs=_pieces(min=1, max=6),
        replaced=_pieces(min=1, max=7),
        replacing=frozenset({"max"}),
        invalid=_pieces(min="one"),
        failing=frozenset({"min", "max"}),
        unknown="min",
        import_id=lambda id_, outputs: f"{id_},1,6",
        looks=False,
    ),
    Subject(
        type="random:index/randomPet:RandomPet",
        open=embedded_random,
        inputs=_pieces(length=3, prefix="the"),
        replaced=_pieces(length=3, prefix="a"),
        replacing=frozenset({"prefix"}),
        invalid=_pieces(length=0, separator=[]),
        failing=frozenset({"length", "separator"}),
        unknown="prefix",
        sealed="prefix",
        looks=False,
    ),
    Subject(
        type="random:index/randomPassword:RandomPassword",
        open=embedded_random,
        inputs=_pieces(length=8),
        replaced=_pieces(length=9),
        replacing=frozenset({"length"}),
        invalid=_pieces(length=3, minUpper=5),
        failing=frozenset({"length"}),
        unknown="length",
        secret_outputs=frozenset({"result", "bcryptHash"}),
        import_id=lambda id_, outputs: outputs["result"],
        looks=False,
    ),
    Subject(
        type="command:local:Command",
        open=embedded_command,
        inputs=_pieces(create="echo made | tee -a world", delete="echo gone >> world", triggers=[1]),
        updated=_pieces(create="echo remade | tee -a world", delete="echo gone >> world", triggers=[1]),
        replaced=_pieces(create="echo made | tee -a world", delete="echo gone >> world", triggers=[2]),
        replacing=frozenset({"triggers"}),
        invalid=_pieces(create=[], triggers="x"),
        failing=frozenset({"create", "triggers"}),
        unknown="create",
        sealed="stdin",
        looks=False,
        by_id=False,
        function=Function(
            token="command:local:run",
            args=_pieces(command="cat", stdin="x"),
            wrong=_pieces(stdin=[]),
            failing=frozenset({"command", "stdin"}),
            sealed="stdin",
        ),
    ),
    Subject(
        type="local:index/file:File",
        open=embedded_local,
        inputs=_pieces(filename="file", content="c", filePermission="0600"),
        updated=_pieces(filename="file", content="c", filePermission="0644"),
        replaced=_pieces(filename="file", content="d", filePermission="0600"),
        replacing=frozenset({"content"}),
        invalid=_pieces(filename="file", content="c", source="s", filePermission="9"),
        failing=frozenset({"source", "filePermission"}),
        unknown="content",
        sealed="content",
        by_id=False,
        place="filename",
        function=Function(
            token="local:index/getFile:getFile",
            args=_pieces(filename="given"),
            wrong=_pieces(filename=[]),
            failing=frozenset({"filename"}),
        ),
    ),
    Subject(
        type="local:index/sensitiveFile:SensitiveFile",
        open=embedded_local,
        inputs=_pieces(filename="sensitive", content="c"),
        updated=_pieces(filename="sensitive", content="c", filePermission="0644"),
        replaced=_pieces(filename="sensitive", content="d"),
        replacing=frozenset({"content"}),
        invalid=_pieces(content=1, filename=""),
        failing=frozenset({"filename"}),
        unknown="content",
        sealed="content",
        secret_outputs=frozenset({"content"}),
        by_id=False,
        place="filename",
    ),
    Subject(
        type="local:index/directory:Directory",
        open=embedded_local,
        inputs=_pieces(path="directory"),
        updated=_pieces(path="directory", permission="0700"),
        invalid=_pieces(path="", permission="x"),
        failing=frozenset({"path", "permission"}),
        unknown="permission",
        import_id=lambda id_, outputs: outputs["path"],
        by_id=False,
        place="path",
    ),
    Subject(
        type="ledger:index:Record",
        open=go_framework,
        inputs=_pieces(value="v", tags={"a": "b"}, items=["x", "y"], region="there"),
        updated=_pieces(value="w", tags={}, items=["x", "y", "z"], region="there"),
        replaced=_pieces(value="v", tags={"a": "b"}, items=["x", "y"], region="elsewhere"),
        replacing=frozenset({"region"}),
        invalid=_pieces(size="much", tags=1),
        failing=frozenset({"size", "tags"}),
        unknown="value",
        sealed="value",
        named="name",
        import_id=_by_id,
        function=Function(
            token="ledger:index:echo",
            args=_pieces(text="x", number=2),
            wrong=_pieces(text=1, number="two"),
            failing=frozenset({"text", "number"}),
            sealed="text",
        ),
    ),
    Subject(
        type="ledger:index:Rich",
        open=go_framework,
        inputs=_pieces(
            title="t",
            grade="small",
            password="p",
            spec={"image": "i", "ports": [{"number": 1}], "env": {"k": "v"}},
            document={"deep": [1, None, {"x": True}]},
            source=TEXT,
            files=[TEXT, Archive(assets={"a": TEXT}, hash=archive_hash(Archive(assets={"a": TEXT}), Path()))],
        ),
        updated=_pieces(title="t", grade="large", password="q", spec={"image": "j"}),
        replaced=_pieces(title="u", grade="small"),
        replacing=frozenset({"title"}),
        invalid=_pieces(spec={"replicas": "x"}),
        failing=frozenset({"title", "spec.replicas", "spec.image"}),
        unknown="spec",
        sealed="title",
        secret_outputs=frozenset({"password", "token"}),
        named="name",
        import_id=_by_id,
    ),
    Subject(
        type="ledger:index:Shape",
        open=go_framework,
        inputs=_pieces(settings={"a": "1"}, fixed={"k": "v"}, parts=[{"name": "p", "size": 1}]),
        updated=_pieces(settings={"b": "2"}, fixed={"k": "v"}, parts=[]),
        replaced=_pieces(settings={"a": "1"}, fixed={"k": "w"}, parts=[]),
        replacing=frozenset({"fixed"}),
        invalid=_pieces(parts=[{"size": "big"}]),
        failing=frozenset({"parts[0].name", "parts[0].size"}),
        unknown="settings",
        sealed="silent",
        named="name",
        import_id=_by_id,
    ),
    Subject(
        type="ledger:index:Strict",
        open=go_framework,
        inputs=_pieces(port=80, email="a@b", limits={"low": 1, "high": 2}),
        updated=_pieces(port=81, email="a@b", limits={"low": 1, "high": 2}),
        invalid=_pieces(port=0, email="nobody", limits={"low": 2, "high": 1}),
        failing=frozenset({"port", "email", "limits.low"}),
        unknown="port",
        sealed="email",
        import_id=_by_id,
    ),
    Subject(
        type="store:index:Item",
        open=hosted_store,
        inputs=_pieces(value="v", fixed="f"),
        updated=_pieces(value="w", fixed="f"),
        replaced=_pieces(value="v", fixed="g"),
        replacing=frozenset({"fixed"}),
        invalid=_pieces(value=1),
        failing=frozenset({"value"}),
        unknown="value",
        sealed="value",
        named="name",
        import_id=_by_id,
        any_type=True,
        function=Function(
            token="store:index:echo",
            args=_pieces(text="x", number=2),
            wrong=_pieces(text=1),
            failing=frozenset({"text"}),
            sealed="text",
        ),
    ),
    Subject(
        type="rawledger:index:Thing",
        open=go_raw,
        inputs=_pieces(value="v", other={"a": [1, {"b": None}]}),
        updated=_pieces(value="w"),
        unknown="value",
        sealed="value",
        import_id=_by_id,
        compares=False,
        any_type=True,
    ),
    Subject(
        type="vintage:index/thing:Thing",
        open=terraform_vintage,
        inputs=_pieces(name="thing", size=2, tags={"a": "b"}, zones=["x"]),
        updated=_pieces(name="thing", size=3, zones=["y", "x"], rules=[{"port": 80, "cidrs": ["c"]}]),
        replaced=_pieces(name="thing", size=2, region="elsewhere"),
        replacing=frozenset({"region"}),
        invalid=_pieces(size=2000, tags=1, disk={"kind": "fast", "serial": "mine"}),
        failing=frozenset({"tags", "disk"}),
        unknown="note",
        sealed="note",
        import_id=_by_id,
        place="name",
        by_id=False,
        foresees=True,
        settles=True,
        function=Function(
            token="vintage:index/getWords:getWords",
            args=_pieces(text="ab ac b", filters=[{"prefix": "a"}]),
            wrong=_pieces(filters="x"),
            failing=frozenset({"filters"}),
            sealed="text",
        ),
    ),
    Subject(
        type="modern:index/thing:Thing",
        open=terraform_modern,
        inputs=_pieces(
            name="thing",
            size=2,
            tags={"a": "b"},
            zones=["x"],
            network={"cidr": "c"},
            endpoints={"k": {"url": "u"}},
            grants=[{"to": "you"}],
            token="t",
            anything={"deep": [1, "x"]},
        ),
        updated=_pieces(
            name="thing",
            size=3,
            anything=[1, 2],
            token="u",
            steps=[{"name": "s", "hooks": [{"command": "c"}]}],
            rules=[{"port": 80, "cidrs": ["c"]}],
        ),
        replaced=_pieces(name="thing", size=2, region="elsewhere", token="t"),
        replacing=frozenset({"region"}),
        invalid=_pieces(name="thing", tags=1, nothing=2),
        failing=frozenset({"tags", "nothing"}),
        unknown="note",
        sealed="note",
        secret_outputs=frozenset({"token"}),
        place="name",
        by_id=False,
        foresees=True,
        settles=True,
        lists=True,
        function=Function(
            token="modern:index/join:join",
            args=_pieces(separator="-", parts=["a", "b"]),
            wrong=_pieces(separator=[], parts=["a"]),
            failing=frozenset({"separator"}),
            sealed="separator",
        ),
    ),
]
