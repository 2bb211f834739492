"""
Provider programs under our host and under the genuine one: the same schema, answers and requests.

The programs are those in `hosted`, the client is raw gRPC with the genuine stubs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import alias_pb2, plugin_pb2, provider_pb2
from support import genuine
from support.hosts import Hosted, hosted, struct

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

PROGRAMS = Path(__file__).parent / "hosted"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def urn(name: str, type_: str = "things:index:Thing") -> str:
    return f"urn:pulumi:stack::project::{type_}::{name}"


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def output(*urns: str, **rest: Any) -> dict[str, Any]:
    return {SIGNATURE: OUTPUT, "dependencies": list(urns), "secret": False, **rest}


def reference(name: str, type_: str, **rest: Any) -> dict[str, Any]:
    return {SIGNATURE: REFERENCE, "urn": urn(name, type_), **rest}


TEXT = {SIGNATURE: ASSET, "text": "x"}
FILES = {SIGNATURE: ARCHIVE, "assets": {"a": TEXT, "b": {SIGNATURE: ASSET, "uri": "https://e.com/x"}}}
PET = "random:index/randomPet:RandomPet"
PORTS = [{"portNumber": 80, "openTo": ["all"]}, {"portNumber": 443}]
SITE = {"hostName": "h", "ports": PORTS, "copies": 2}

CONSTRUCTED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "required inputs": ("Site", SITE, {}),
    "all inputs": (
        "Site",
        {
            **SITE,
            "size": "large",
            "plan": {"planSize": "small", "extraPorts": {"web": {"portNumber": 1}}},
            "ratio": 0.5,
            "anything": {"deep": [1, None, {"x": True}]},
            "labels": {"a": "b"},
        },
        {},
    ),
    "secrets and outputs": (
        "Site",
        {
            **SITE,
            "hostName": secret("hidden"),
            "anything": output(urn("a"), urn("b"), value=[1, "x"], secret=True),
            "labels": {"a": output(urn("c"), value="b")},
        },
        {"inputDependencies": {"hostName": [urn("d")], "labels": [urn("c")]}},
    ),
    "unknown inputs": (
        "Site",
        {**SITE, "hostName": UNKNOWN, "ports": output(urn("a")), "labels": {"a": UNKNOWN}},
        {"dryRun": True, "inputDependencies": {"hostName": [urn("d")]}},
    ),
    "files": ("Files", {"one": TEXT}, {}),
    "more files": ("Files", {"one": secret(TEXT), "archive": FILES}, {}),
    "resources": (
        "Files",
        {
            "one": TEXT,
            "pet": reference("pet", PET, id="p", packageVersion="4.21.4"),
            "pets": [reference("q", PET, id="q", packageVersion="4.21.4")],
        },
        {"inputDependencies": {"pet": [urn("pet", PET)], "pets": [urn("q", PET)]}},
    ),
    "configuration": (
        "Configured",
        {},
        {
            "organization": "org",
            "config": {"workshop:word": "w", "workshop:hidden": "h"},
            "configSecretKeys": ["workshop:hidden"],
        },
    ),
    "no configuration": ("Configured", {}, {}),
    "components in components": ("Parent", {}, {}),
    "a parent": ("Parent", {}, {"parent": urn("above", "a:b:C")}),
    "missing": ("Site", {"hostName": "x", "copies": 1}, {}),
    "missing inside": ("Site", {**SITE, "ports": [{"portNumber": 1}, {}]}, {}),
    "missing in a plain value": ("Site", {**SITE, "plan": {}}, {}),
    "a wrong member": ("Site", {**SITE, "size": "huge"}, {}),
    "fails": ("Fails", {}, {}),
    "blames many": ("Fails", {"mood": "many"}, {}),
    "a run error": ("Fails", {"mood": "run"}, {}),
    "no such component": ("Gone", {}, {}),
}


def construct(to: Hosted, name: str, type_: str, inputs: dict[str, Any], given: dict[str, Any]) -> Any:
    rest = dict(given)
    dependencies = rest.pop("inputDependencies", {})
    return provider_pb2.ConstructRequest(
        **{
            "project": "project",
            "stack": "stack",
            "parallel": 4,
            "monitorEndpoint": to.address,
            "type": type_,
            "name": name,
            "inputs": struct(inputs),
            "inputDependencies": {
                name: provider_pb2.ConstructRequest.PropertyDependencies(urns=urns)
                for name, urns in dependencies.items()
            },
            "accepts_output_values": True,
            **rest,
        }
    )


CALLED: dict[str, tuple[str, dict[str, Any]]] = {
    "describe": ("describe", {"word": "w"}),
    "describe later": ("describe", {"word": output(urn("a"), value="w")}),
    "refuse": ("refuse", {}),
    "blame": ("blame", {}),
    "gone": ("gone", {}),
}


def call(to: Hosted, name: str, method: str, args: dict[str, Any]) -> Any:
    me = reference(name, "methods:index:Made")
    return provider_pb2.CallRequest(
        tok=f"methods:index:Made/{method}",
        args=struct({"__self__": me, "name": name, **args}),
        argDependencies={
            "__self__": provider_pb2.CallRequest.ArgumentDependencies(urns=[me["urn"]]),
            "word": provider_pb2.CallRequest.ArgumentDependencies(urns=[urn("a")]),
        },
        project="project",
        stack="stack",
        monitorEndpoint=to.address,
        accepts_output_values=True,
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Gives a program under our host and under the genuine one."""
    python = genuine.interpreter("pulumi_random==4.21.4")
    with ExitStack() as stack:
        started: dict[str, tuple[Hosted, Hosted]] = {}

        def run(name: str, interpreter: str | Path) -> Hosted:
            folder = str(tmp_path_factory.mktemp(name))
            return stack.enter_context(hosted(PROGRAMS / name, interpreter, STORE_PATH=folder))

        def start(name: str) -> tuple[Hosted, Hosted]:
            if name not in started:
                started[name] = run(name, sys.executable), run(name, python)
            return started[name]

        yield start


def test_schemas(both: Any) -> None:
    """§19.2: what GetSchema answers, and what the plugin says of itself."""
    for program in ("workshop", "methods"):
        ours, theirs = both(program)
        for request in (provider_pb2.GetSchemaRequest(), provider_pb2.GetSchemaRequest(version=1)):
            mine, genuine_one = ours.ask("GetSchema", request), theirs.ask("GetSchema", request)
            if "answer" in mine:
                assert json.loads(mine["answer"]["schema"]) == json.loads(genuine_one["answer"]["schema"])
            else:
                assert mine["error"]["text"] == genuine_one["error"]["text"]


@pytest.mark.parametrize("case", CONSTRUCTED)
def test_components(both: Any, case: str) -> None:
    """§19.1, §19.2, protocol.md §8.14: the answer or error, and all that the monitor was asked."""
    type_, inputs, given = CONSTRUCTED[case]
    name = f"its-{case.replace(' ', '-')}"
    ours, theirs = (
        to.ask("Construct", construct(to, name, f"workshop:index:{type_}", inputs, given), name)
        for to in both("workshop")
    )
    assert ours == theirs


@pytest.mark.parametrize("case", CALLED)
def test_methods(both: Any, case: str) -> None:
    """§19.1, protocol.md §8.15: the answer, failures, and what a method asks the monitor for."""
    method, args = CALLED[case]
    name = f"me-{case.replace(' ', '-')}"

    ours, theirs = (to.ask("Call", call(to, name, method, args), name) for to in both("methods"))
    assert ours == theirs


@pytest.mark.parametrize("function", ["echo", "refuse", "fail", "gone"])
def test_functions(both: Any, function: str) -> None:
    """§19.1, protocol.md §8.16."""
    args = struct({"word": {"deep": [1, secret("x")]}})
    request = provider_pb2.InvokeRequest(tok=f"methods:index:{function}", args=args)

    ours, theirs = (to.ask("Invoke", request) for to in both("methods"))
    assert ours == theirs


OPTIONS: dict[str, Any] = {
    "parent": urn("above", "a:b:C"),
    "protect": True,
    "dependencies": [urn("a"), urn("b")],
    "providers": {"things": f"{urn('p', 'pulumi:providers:things')}::id"},
    "ignoreChanges": ["a"],
    "replaceOnChanges": ["b"],
    "retainOnDelete": True,
    "deletedWith": urn("a"),
    "replace_with": [urn("b")],
    "aliases": [
        alias_pb2.Alias(urn=urn("old")),
        alias_pb2.Alias(spec=alias_pb2.Alias.Spec(name="older")),
        alias_pb2.Alias(spec=alias_pb2.Alias.Spec(noParent=True)),
    ],
    "resource_hooks": {"before_create": ["one"], "on_error": ["two"]},
}


def test_options(both: Any) -> None:
    """§19.1: what a component is constructed with reaches its registration, and its children's."""
    name = "with-options"

    def made(to: Hosted) -> dict[str, Any]:
        request = construct(to, name, "methods:index:Made", {"a": secret(1)}, OPTIONS)
        return to.ask("Construct", request, name)

    ours, theirs = map(made, both("methods"))
    assert ours == theirs


def test_options_that_the_genuine_host_loses(both: Any) -> None:
    """§19.1: timeouts, and what is to be secret or deleted first; ours passes them on."""
    name = "with-more-options"
    more = {
        "additionalSecretOutputs": ["made"],
        "deleteBeforeReplace": True,
        "customTimeouts": {"create": "60s"},
    }
    found = both("methods")[0]
    made = found.ask("Construct", construct(found, name, "methods:index:Made", {}, more), name)

    asked = next(one for _, one in made["asked"] if one["type"] == "methods:index:Made")
    assert asked["customTimeouts"] == {"create": "60s"}
    assert asked["additionalSecretOutputs"] == ["made"]
    assert asked["deleteBeforeReplace"] is True


ITEM = {"urn": urn("item", "store:index:Item")}
OLD = {"value": "v", "fixed": "f", "name": "n", "length": 1}
NEWS = {
    "everything": {
        "value": secret("v"),
        "null": None,
        "list": [1, True, {"a": output(urn("a"), value="x", secret=True)}],
        "unknown": UNKNOWN,
        "asset": TEXT,
        "files": FILES,
        "other": reference("r", PET),
    },
    "nothing": {},
    "changes": {"value": "w", "fixed": "g", "name": "n", "added": output(urn("a"), value=[1], secret=False)},
}
Request = provider_pb2


def questions() -> dict[str, tuple[str, Any]]:
    """What a provider of custom resources is asked, by name."""
    asked: dict[str, tuple[str, Any]] = {
        "schema": ("GetSchema", Request.GetSchemaRequest(version=0, subpackage_name="sub")),
        "configure": (
            "Configure",
            Request.ConfigureRequest(args=struct({"prefix": "p"}), acceptSecrets=True),
        ),
        "parameterize": (
            "Parameterize",
            Request.ParameterizeRequest(args=Request.ParameterizeRequest.ParametersArgs(args=["a"])),
        ),
        "parameterize again": (
            "Parameterize",
            Request.ParameterizeRequest(
                value=Request.ParameterizeRequest.ParametersValue(name="n", version="1.0.0", value=b"v")
            ),
        ),
        "wrong configuration": ("CheckConfig", Request.CheckRequest(news=struct({"wrong": 1}))),
        "delete": ("Delete", Request.DeleteRequest(**ITEM, id="gone", properties=struct(OLD))),
        "read": ("Read", Request.ReadRequest(**ITEM, id="gone", properties=struct(OLD))),
        "a failing create": ("Create", Request.CreateRequest(**ITEM, properties=struct({"value": "fails"}))),
        "a failing function": ("Invoke", Request.InvokeRequest(tok="store:index:fail")),
        "a function": ("Invoke", Request.InvokeRequest(tok="store:index:echo", args=struct({"text": "x"}))),
        "wrong arguments": (
            "Invoke",
            Request.InvokeRequest(tok="store:index:echo", args=struct({"text": 1})),
        ),
    }
    for name, news in NEWS.items():
        given = struct(news)
        check = Request.CheckRequest(**ITEM, olds=struct(OLD), news=given, randomSeed=b"s")
        diff = Request.DiffRequest(**ITEM, id="i", olds=struct(OLD), news=given, ignoreChanges=["list"])
        update = Request.UpdateRequest(**ITEM, id="i", olds=struct(OLD), news=given, preview=True)
        asked[f"check {name}"] = ("Check", check)
        asked[f"check config {name}"] = ("CheckConfig", check)
        asked[f"diff {name}"] = ("Diff", diff)
        if "value" in news:
            asked[f"create {name}"] = (
                "Create",
                Request.CreateRequest(**ITEM, properties=given, preview=True),
            )
            asked[f"update {name}"] = ("Update", update)
    return asked


@pytest.mark.parametrize("question", questions())
def test_custom_resources(both: Any, question: str) -> None:
    """§19.2, protocol.md §8.2-§8.13: a full provider, question by question."""
    method, request = questions()[question]
    ours, theirs = (to.ask(method, request) for to in both("store"))
    assert ours == theirs


def test_components_and_methods_of_values(both: Any) -> None:
    """§19.2, protocol.md §8.14, §8.15: values with what they depend on."""
    given = {"a": secret("x"), "b": output(urn("b"), value=1), "c": [output(urn("c"), value=2)]}
    dependencies = {"inputDependencies": {"a": [urn("a")]}}
    name = "of-values"
    ours, theirs = (
        to.ask("Construct", construct(to, name, "store:index:Made", given, dependencies), name)
        for to in both("store")
    )
    assert ours["answer"] == theirs["answer"]
    # The genuine host passes only some options on to components of this kind (see `test_options`).
    ours["asked"][0][1].pop("retainOnDelete")
    assert ours["asked"] == theirs["asked"]
    ours, theirs = (to.ask("Call", call(to, name, "describe", given)) for to in both("store"))
    assert ours == theirs


class TestWhereOursDiffers:
    """On purpose; the genuine host's answer is said in each."""

    def ask(self, both: Any, name: str, type_: str, inputs: dict[str, Any]) -> Any:
        ours = both("workshop")[0]
        return ours.ask("Construct", construct(ours, name, f"workshop:index:{type_}", inputs, {}), name)

    def test_a_wrong_number_is_named(self, both: Any) -> None:
        """The genuine host blames an input without a name."""
        error = self.ask(both, "wrong-number", "Site", {**SITE, "copies": "many"})["error"]

        assert error["code"] == "INVALID_ARGUMENT"
        assert [one["property_path"] for one in error["blamed"][0]["errors"]] == ["copies"]

    def test_a_failing_callback_fails_the_component(self, both: Any) -> None:
        """The genuine host answers as if nothing had happened."""
        error = self.ask(both, "failing-callback", "Fails", {"mood": "later"})["error"]

        assert error["text"] == ["integer division or modulo by zero:"]
        assert "in <lambda>" in error["frames"][0]

    def test_enums_may_come_as_outputs(self, both: Any) -> None:
        """The genuine host takes the output itself for a wrong member."""
        given = {**SITE, "size": output(urn("a"), value="small")}
        answer = self.ask(both, "enum-output", "Site", given)["answer"]

        assert answer["state"]["size"] == "small"
        assert answer["stateDependencies"]["size"] == {"urns": [urn("a")]}

    def test_names_are_the_annotations_inside_lists_too(self, both: Any) -> None:
        """The genuine host leaves the schema's names in lists that come as outputs."""
        made = self.ask(both, "list-output", "Site", {**SITE, "ports": output(urn("a"), value=PORTS)})

        thing = next(one for _, one in made["asked"] if one["name"] == "list-output-0")
        assert thing["object"]["ports"][0] == {"port_number": 80.0, "open_to": ["all"]}
        assert made["answer"]["state"]["mainPort"] == {"portNumber": 80.0, "openTo": ["all"]}

    def test_secrets_of_methods_stay_secret(self, both: Any) -> None:
        """The genuine host does not ask in Call whether the engine understands secrets."""
        ours = both("methods")[0]
        found = ours.ask("Call", call(ours, "secret-word", "describe", {"word": secret("w")}), "secret-word")

        assert found["answer"]["return"]["word"] == secret("w")
        assert found["asked"][0][1]["object"]["word"] == secret("w")

    def test_a_changed_configuration_is_a_change(self, both: Any) -> None:
        """The genuine host answers «none» for «some» and the other way around."""
        request = Request.DiffRequest(olds=struct(OLD), news=struct({}))

        assert both("store")[0].ask("DiffConfig", request)["answer"]["changes"] == "DIFF_SOME"

    def test_assets_are_compared_by_their_hashes(self, both: Any) -> None:
        """protocol.md §4: contents are left out of Diff; the genuine host refuses such an asset."""
        files = {SIGNATURE: ARCHIVE, "hash": "h"}
        old, new = (
            struct({**OLD, "asset": {SIGNATURE: ASSET, "hash": text}, "files": files}) for text in ("a", "b")
        )
        ours = both("store")[0]

        for news, changes in ((new, "DIFF_SOME"), (old, "DIFF_NONE")):
            request = Request.DiffRequest(**ITEM, id="i", olds=old, news=news)
            assert ours.ask("Diff", request)["answer"]["changes"] == changes
        check = Request.CheckRequest(**ITEM, olds=old, news=old)
        assert ours.ask("Check", check)["answer"]["inputs"]["asset"]["hash"] == "a"

    def test_references_keep_their_ids(self, both: Any) -> None:
        """The genuine host knows the id of a reference by another name than the protocol does."""
        given = {"value": "v", "other": reference("r", PET, id="i", packageVersion="1.0.0")}
        check = Request.CheckRequest(**ITEM, news=struct(given))

        assert both("store")[0].ask("Check", check)["answer"]["inputs"]["other"] == given["other"]


def test_many_at_once(both: Any) -> None:
    """Edge case 103: components that are made at the same time see their own deployment's settings."""
    ours = both("workshop")[0]

    def made(number: int) -> Any:
        given = {"stack": f"stack{number}", "config": {"workshop:word": f"word{number}"}}
        name = f"at-once-{number}."
        return ours.ask("Construct", construct(ours, name, "workshop:index:Configured", {}, given), name)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(made, range(16)))

    seen = [answer["answer"]["state"]["seen"] for answer in answers]
    assert seen == [f"organization/project/stack{number}/word{number}" for number in range(16)]


def test_an_engine_attaches(both: Any) -> None:
    """protocol.md §7.7, §8.1: a provider that nobody told of an engine learns where it is."""
    ours = both("methods")[0]
    shake = provider_pb2.ProviderHandshakeRequest(engine_address=ours.address)

    assert ours.ask("Handshake", shake)["answer"] == {
        "accept_secrets": True,
        "accept_resources": True,
        "accept_outputs": True,
    }
    assert ours.ask("Attach", plugin_pb2.PluginAttach(address=ours.address))["answer"] == {}
    assert ours.ask("Cancel", empty_pb2.Empty())["answer"] == {}
