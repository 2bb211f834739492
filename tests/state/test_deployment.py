"""Deployment JSON: files in, the same bytes out; and files that are not what they should be."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stored import CRYPTER, NAME, PROVIDER, PROVIDER_ID, provider, root, thing, urn
from support.value_strategies import property_maps

from stackwright.secrets import DecryptionError, SecretsProvider
from stackwright.state import (
    DeploymentError,
    EncryptedSecret,
    ImportRefusedError,
    Key,
    Manifest,
    OperationKind,
    PendingOperation,
    ResourceState,
    Snapshot,
    encode_checkpoint,
    encode_deployment,
    prepare_import,
    read_deployment,
)
from stackwright.values import UNKNOWN, Archive, Asset, ResourceRef, Secret, reduce_outputs, values_equal

GOLDEN = Path(__file__).parent / "golden"


def snapshot_of(*records: ResourceState, **fields: Any) -> Snapshot:
    """A snapshot of these records, in this order."""
    return Snapshot(records={Key(number): record for number, record in enumerate(records, 1)}, **fields)


def through_json(*records: ResourceState, show: bool = False) -> list[ResourceState]:
    """Records as they come back from a file."""
    data = encode_deployment(snapshot_of(*records), crypter=CRYPTER, show_secrets=show)
    return read_deployment(data).snapshot(crypter=CRYPTER).resources


def document(**body: Any) -> bytes:
    """A deployment file with this body."""
    return json.dumps({"version": 3, "deployment": {"manifest": {}, **body}}).encode()


def resource(**members: Any) -> dict[str, Any]:
    """A resource object with what it must have."""
    return {"urn": urn("a"), "custom": True, "type": "pkg:index:Thing", **members}


class TestGolden:
    @pytest.mark.parametrize("name", ["v3.json", "v4.json", "empty.json"])
    def test_a_file_comes_back_byte_for_byte(self, name: str) -> None:
        """Reading a file and writing what was read gives the file again (state.md §7, §8)."""
        data = (GOLDEN / name).read_bytes()
        file = read_deployment(data)

        assert encode_deployment(None if file.is_empty else file.snapshot()).decode() == data.decode()

    def test_a_stack_that_was_never_deployed(self) -> None:
        """Of a stack without anything recorded the export has no deployment (§7.1, §13.6)."""
        assert encode_deployment(Snapshot()) == (GOLDEN / "empty.json").read_bytes()
        assert read_deployment((GOLDEN / "empty.json").read_bytes()).snapshot().is_blank

    def test_every_kind_of_value_is_read(self) -> None:
        """The special forms of §8.2 become the values they stand for."""
        record = read_deployment((GOLDEN / "v3.json").read_bytes()).snapshot().resources[2]
        inputs = dict(record.inputs)

        assert math.isnan(inputs.pop("limit"))
        assert inputs == {
            "asset": Asset(
                text="foo", hash="2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
            ),
            "files": Archive(assets={"b.txt": Asset(path="./b.txt")}, hash="ab"),
            "password": Secret(EncryptedSecret("v1:AAAA:BBBB")),
            "peer": ResourceRef(urn=urn("one"), id="", package_version="1.2.3"),
            "pending": UNKNOWN,
        }
        assert record.custom_timeouts is not None
        assert (record.custom_timeouts.create, record.custom_timeouts.read) == (300, 1.5)
        assert record.hide_diffs == (("tags", 0, "name"),)

    def test_version_1_without_an_envelope(self) -> None:
        """A bare checkpoint is of version 1: its dependencies become those of every property (§7.4)."""
        file = read_deployment((GOLDEN / "v1-checkpoint.json").read_bytes())
        own, one = file.snapshot().resources

        assert file.version == 1
        assert own.dependencies == own.init_errors == ()
        assert one.inputs == {"a": 1, "b": 2}
        assert one.property_dependencies == {"a": (own.urn,), "b": (own.urn,)}

    def test_version_2(self) -> None:
        """Version 2 has no dependencies by property; its pending operations are carried over (§7.4)."""
        found = read_deployment((GOLDEN / "v2-deployment.json").read_bytes()).snapshot()

        assert found.resources[1].property_dependencies == {"a": (urn("one"),), "b": (urn("one"),)}
        assert [operation.kind for operation in found.pending] == [OperationKind.UPDATING]

    def test_a_checkpoint_of_an_object_store(self) -> None:
        """A stack file of an object store is read, and written compactly without a newline (§7.1, §8.1)."""
        snapshot = read_deployment((GOLDEN / "v3.json").read_bytes()).snapshot()
        data = encode_checkpoint(NAME, snapshot)

        assert data.startswith(
            b'{"version":3,"checkpoint":{"stack":"organization/shop/dev","latest":{"manifest":'
        )
        assert b"a < b && c > d" in data
        assert encode_deployment(read_deployment(data).snapshot()) == (GOLDEN / "v3.json").read_bytes()

    def test_a_checkpoint_that_was_just_made(self) -> None:
        """A stack file of version 0 without a deployment is an empty stack (§7.1, §7.5)."""
        data = encode_checkpoint(NAME, None)

        assert data == b'{"version":0,"checkpoint":{"stack":"organization/shop/dev"}}'
        assert read_deployment(data).is_empty

    def test_aliases_are_applied_and_dropped(self) -> None:
        """References to an alias lead to the resource that has it; no alias is left (§9.2)."""
        data = document(
            resources=[
                resource(aliases=[urn("old")]),
                resource(urn=urn("b"), parent=urn("old"), propertyDependencies={"p": [urn("old")]}),
            ]
        )
        first, second = read_deployment(data).snapshot().resources

        assert first.aliases == ()
        assert (second.parent, second.property_dependencies) == (urn("a"), {"p": (urn("a"),)})

    def test_one_alias_for_two_is_refused(self) -> None:
        """Two resources with one alias are an error that names all three (§9.2)."""
        data = document(resources=[resource(aliases=["x"]), resource(urn=urn("b"), aliases=["x"])])

        with pytest.raises(
            Exception, match=r"Two resources \('.*::a' and '.*::b'\) aliased to the same: 'x'"
        ):
            read_deployment(data).snapshot()


class TestSecrets:
    def test_plain_secrets_on_request(self) -> None:
        """`--show-secrets` writes the JSON text of each secret, escaped as the format has it (§8.1, §8.2)."""
        data = encode_deployment(
            snapshot_of(thing("a", inputs={"p": Secret("<a>"), "n": Secret([1.0, {"b": Secret(2)}])})),
            show_secrets=True,
        )
        inputs = json.loads(data)["deployment"]["resources"][0]["inputs"]

        assert inputs["p"]["plaintext"] == '"\\u003ca\\u003e"'
        assert json.loads(inputs["n"]["plaintext"])[0] == 1
        assert "ciphertext" not in inputs["p"]

    def test_a_secret_within_a_secret(self) -> None:
        """Only the outermost is encrypted; the inner one keeps its mark (§8.2)."""
        record = thing("a", inputs={"p": Secret({"q": Secret([1])})})
        data = encode_deployment(snapshot_of(record), crypter=CRYPTER)
        text = CRYPTER.decrypt(json.loads(data)["deployment"]["resources"][0]["inputs"]["p"]["ciphertext"])

        assert text == (
            '{"q":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"[1]"}}'
        )
        assert through_json(record) == [record]

    def test_whether_the_key_is_needed(self) -> None:
        """A file says whether reading it needs a key, and whose."""
        provider = SecretsProvider(type="passphrase", state={"salt": "v1:a:b"})
        record = thing("a", inputs={"p": Secret(1)})
        sealed = read_deployment(
            encode_deployment(snapshot_of(record, secrets_provider=provider), crypter=CRYPTER)
        )
        plain = read_deployment(
            encode_deployment(snapshot_of(record, secrets_provider=provider), show_secrets=True)
        )

        assert (sealed.has_sealed_secrets, plain.has_sealed_secrets) == (True, False)
        assert sealed.secrets_provider == provider
        assert plain.snapshot().resources == [record]

    def test_a_local_key_is_not_named_beside_plain_secrets(self) -> None:
        """A file with plain secrets that is meant for elsewhere does not name a key that only we know."""
        local = SecretsProvider(type="local", state={"key": "k"})
        data = encode_deployment(snapshot_of(thing("a"), secrets_provider=local), show_secrets=True)

        assert b"secrets_providers" not in data

    def test_another_key_names_the_resource(self) -> None:
        """A secret that cannot be decrypted is told by its resource."""
        data = encode_deployment(snapshot_of(thing("a", inputs={"p": Secret(1)})), crypter=CRYPTER)

        with pytest.raises(DecryptionError, match="Thing::a"):
            read_deployment(data.replace(b"k:", b"x:")).snapshot(crypter=CRYPTER)


class TestNumbers:
    @pytest.mark.parametrize(
        ("number", "text"),
        [
            (5.0, "5"),
            (-0.0, "-0"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (1e-6, "0.000001"),
            (1.5e-5, "0.000015"),
            (-2.5e-6, "-0.0000025"),
            (1e-7, "1e-07"),
            (1.25e-10, "1.25e-10"),
            (0.1, "0.1"),
            (123456789.125, "123456789.125"),
            (2**53, "9007199254740992"),
            (1e16, "10000000000000000"),
        ],
    )
    def test_numbers_look_as_go_writes_them(self, number: float, text: str) -> None:
        """Whole numbers have no fraction; exponents begin at 1e21 and below 1e-6 (§8.1)."""
        data = encode_checkpoint(NAME, snapshot_of(thing("a", inputs={"n": number})))

        assert f'"n":{text}}}'.encode() in data

    @given(st.floats())
    @settings(max_examples=200)
    def test_every_float_comes_back(self, number: float) -> None:
        """No float is changed by being written, NaN and the infinities included (§8.2)."""
        (record,) = through_json(thing("a", inputs={"n": number, "s": Secret(number)}))

        for found in (record.inputs["n"], record.inputs["s"].value):
            assert found == number or (math.isnan(found) and math.isnan(number))


class TestRoundTrips:
    @given(property_maps, property_maps)
    @settings(max_examples=100)
    def test_values_come_back(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Any value reads as it was written, output values as what is stored of them (§8.2)."""
        record = thing("a", inputs=reduce_outputs(inputs), outputs=reduce_outputs(outputs))
        for show in (False, True):
            (found,) = through_json(msgspec.structs.replace(record, inputs=inputs), show=show)
            assert values_equal(found.inputs, record.inputs)
            assert values_equal(found.outputs, record.outputs)

    @given(property_maps)
    @settings(max_examples=50)
    def test_writing_is_stable(self, inputs: dict[str, Any]) -> None:
        """What was read is written with the same bytes again."""
        file = read_deployment(encode_deployment(snapshot_of(thing("a", inputs=inputs)), crypter=CRYPTER))
        first = encode_deployment(file.snapshot(), features=file.features)
        file = read_deployment(first)

        assert encode_deployment(file.snapshot(), features=file.features) == first

    def test_text_that_is_not_unicode(self) -> None:
        """Half a character becomes U+FFFD on both ways, as Go has it."""
        (record,) = through_json(thing("a", inputs={"t": "x\ud800y", "k\udfff": 1}))
        read = read_deployment(document(resources=[resource(inputs={"t": "x\ud800y"})])).snapshot()

        assert record.inputs == {"t": "x\ufffdy", "k\ufffd": 1}
        assert read.resources[0].inputs == {"t": "x\ufffdy"}


class TestMalformed:
    def test_a_file_that_was_cut_off(self) -> None:
        """A truncated file is told with line and column."""
        data = (GOLDEN / "v3.json").read_bytes()

        with pytest.raises(DeploymentError, match=r"not JSON: .* \(line \d+, column \d+\)"):
            read_deployment(data[: len(data) // 2], place="state.json")

    @pytest.mark.parametrize("size", range(0, 8000, 97))
    def test_no_prefix_is_taken_for_a_deployment(self, size: int) -> None:
        """Wherever a file is cut, it is refused with an error of ours."""
        data = (GOLDEN / "v3.json").read_bytes()
        if size < len(data) - 2:
            with pytest.raises(DeploymentError):
                read_deployment(data[:size])

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "not JSON"),
            (b"[]", "the file: expected `object`"),
            (b"{}", "neither a `version` nor a checkpoint"),
            (b"\xff\xfe", "not JSON"),
            (b'{"version": 3, "deployment": {"resources": NaN}}', "not JSON|NaN"),
            (b'{"version": "3"}', "version: expected `int"),
            (b'{"version": 5, "deployment": {}}', "newer than what this version"),
            (b'{"version": 0, "deployment": {}}', "too old"),
            (
                b'{"version": 4, "features": ["x", "hooks", "b"], "deployment": {}}',
                "not supported by this version of Stackwright: b, x",
            ),
            (document(resources={}), r"deployment\.resources: expected `array"),
            (
                document(resources=[{"custom": True, "type": "t"}]),
                r"resources\[0\]: the member `urn` is missing",
            ),
            (
                document(resources=[{"custom": True, "urn": "u"}]),
                r"resources\[0\]: the member `type` is missing",
            ),
            (document(resources=[resource(custom="yes")]), r"deployment\.resources\[0\]\.custom: expected"),
            (document(resources=[resource(inputs=[1])]), r"deployment\.resources\[0\]\.inputs: expected"),
            (
                document(
                    resources=[
                        resource(),
                        resource(inputs={"a": [0, {"4dabf18193072939515e22adb298388d": "?"}]}),
                    ]
                ),
                r"resources\[1\]\.inputs\.a\[1\]: unrecognized signature '\?' in property map",
            ),
            (
                document(
                    resources=[
                        resource(
                            outputs={
                                "x y": {
                                    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                                    "ciphertext": "",
                                }
                            }
                        )
                    ]
                ),
                r'resources\[0\]\.outputs\["x y"\]: malformed secret value: exactly one of',
            ),
            (
                document(
                    resources=[
                        resource(
                            outputs={
                                "x": {
                                    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                                    "plaintext": "{",
                                }
                            }
                        )
                    ]
                ),
                "the text of a secret is not JSON",
            ),
            (
                document(resources=[resource(resourceHooks={"Never": ["x"]})]),
                r"resources\[0\]\.resourceHooks: there is no hook kind `Never`",
            ),
            (
                document(resources=[resource(customTimeouts={"create": "1m"})]),
                r"resources\[0\]\.customTimeouts\.create: a time-out is a number of seconds",
            ),
            (
                document(pending_operations=[{"resource": resource(), "type": "melting"}]),
                r"pending_operations\[0\]\.type: there is no operation `melting`",
            ),
            (document(metadata=[]), "metadata: expected an object"),
            (document(snippets={}), "snippets: expected a list"),
            (
                document(extensions={"e": {"name": "n", "version": "v", "value": "%"}}),
                r"extensions\.e\.value: it has to be given in base64",
            ),
        ],
    )
    def test_what_is_wrong_is_told_by_its_place(self, data: bytes, message: str) -> None:
        """Whatever does not follow the format is refused, with the path that leads to it."""
        with pytest.raises(DeploymentError, match=message):
            read_deployment(data, stack="dev").snapshot()

    def test_depth_is_bounded(self) -> None:
        """A value, or a file, with too many levels is refused; the interpreter's stack is not."""
        deep: Any = 1
        for _ in range(400):
            deep = [deep]
        with pytest.raises(DeploymentError, match="levels are nested"):
            read_deployment(document(resources=[resource(inputs={"a": deep})])).snapshot()
        with pytest.raises(DeploymentError, match="nested too deeply"):
            read_deployment(b'{"version": 3, "deployment": ' + b"[" * 100_000)

    def test_size_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file larger than the limit is not looked into."""
        monkeypatch.setattr("stackwright.state._deployment.MAX_BYTES", 10)

        with pytest.raises(DeploymentError, match="read at most"):
            read_deployment(document())

    @given(st.data())
    @settings(max_examples=200)
    def test_no_edit_gets_past_our_errors(self, data: st.DataObject) -> None:
        """A file with a byte changed anywhere reads, or is refused with an error of ours."""
        original = bytearray((GOLDEN / "v4.json").read_bytes())
        at = data.draw(st.integers(0, len(original) - 1))
        original[at] = data.draw(st.integers(0, 255))
        with contextlib.suppress(DeploymentError):
            read_deployment(bytes(original)).snapshot()


class TestImport:
    def good(self) -> Snapshot:
        """A snapshot that may be imported."""
        return snapshot_of(
            root(),
            provider(),
            thing("a", provider=f"{PROVIDER}::{PROVIDER_ID}", parent=root().urn),
            pending=(PendingOperation(number=1, kind=OperationKind.CREATING, resource=thing("b")),),
        )

    def test_pending_operations_are_forgotten_aloud(self) -> None:
        """Each operation that was pending is dropped with a warning (state.md §9.4)."""
        prepared = prepare_import(self.good(), NAME)

        assert prepared.snapshot.pending == ()
        assert prepared.warnings == (f"removing pending operation 'creating' on '{urn('b')}' from snapshot",)

    def test_the_stacks_own_manager_encrypts(self) -> None:
        """Whatever manager the file names, the stack's own is recorded."""
        own = SecretsProvider(type="local", state={"key": "k"})

        assert prepare_import(self.good(), NAME, secrets_provider=own).snapshot.secrets_provider == own

    def test_all_that_is_wrong_is_told_at_once(self) -> None:
        """Resources of another stack and broken references are refused together (§9.4)."""
        foreign = ResourceState(urn=urn("x").replace(":dev:", ":prod:"), type="pkg:index:Thing", custom=True)
        bad = snapshot_of(
            foreign, thing("a", parent=urn("gone")), manifest=Manifest(version="v1", magic="no")
        )

        with pytest.raises(ImportRefusedError, match="rerun with --force") as caught:
            prepare_import(bad, NAME)
        assert len(caught.value.problems) == 3
        assert "is from a different stack (prod != dev)" in str(caught.value)
        assert "magic cookie mismatch" in str(caught.value)
        assert f"child resource {urn('a')} refers to missing parent {urn('gone')}" in str(caught.value)

    def test_force_turns_them_into_warnings(self) -> None:
        """With `--force` the same problems are warnings (§9.4)."""
        bad = snapshot_of(thing("a", parent=urn("gone")))
        prepared = prepare_import(bad, NAME, force=True)

        assert prepared.snapshot.resources == bad.resources
        assert "missing parent" in prepared.warnings[0]

    def test_a_circle_is_told_by_its_urns(self) -> None:
        """Resources that refer to each other in a circle are refused, the circle spelled out."""
        circle = snapshot_of(
            thing("a", dependencies=(urn("c"),)),
            thing("b", dependencies=(urn("a"),)),
            thing("c", dependencies=(urn("b"),)),
        )

        with pytest.raises(ImportRefusedError, match=r"in a circle: .*::a → .*::c → .*::b → .*::a"):
            prepare_import(circle, NAME)
