"""Configuration values: storing, showing, changing, coercing (spec: state.md §3.2-§3.6)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackwright.errors import UserError
from stackwright.project import (
    Config,
    ConfigError,
    ConfigKey,
    ConfigValue,
    Encrypted,
    coerced,
    encrypted_tree,
    encrypted_value,
    value_from_json,
)
from stackwright.project._config_value import load_value


class Reversing:
    """A crypter that turns texts around."""

    def encrypt(self, plaintext: str) -> str:
        return "v1:" + plaintext[::-1]

    def decrypt(self, ciphertext: str) -> str:
        if not ciphertext.startswith("v1:"):
            raise UserError("The passphrase is wrong")
        return ciphertext[3:][::-1]


CRYPTER = Reversing()
SECRET = Encrypted("v1:toor")
KEY = ConfigKey("shop", "k")


class TestForms:
    def test_secret_markers(self) -> None:
        """`{secure: …}` is an encrypted leaf, anywhere (state.md §3.3)."""
        stored = {"user": "admin", "parts": [{"secure": "v1:toor"}, 1]}
        value = load_value(stored)

        assert value.tree == {"user": "admin", "parts": [SECRET, 1]}
        assert value.is_secret
        assert value.stored() == stored
        assert value.plain(CRYPTER) == {"user": "admin", "parts": ["root", 1]}
        assert value.masked() == {"user": "admin", "parts": ["[secret]", 1]}

    def test_a_marker_holds_text(self) -> None:
        """A `secure` without text is refused."""
        with pytest.raises(ConfigError, match="single key `secure`"):
            load_value([{"secure": 5}])

    def test_a_map_with_more_keys_is_data(self) -> None:
        """`secure` beside other keys is an ordinary key."""
        assert not load_value({"secure": "a", "other": "b"}).is_secret

    @pytest.mark.parametrize(
        ("tree", "text"),
        [
            ("word", "word"),
            (5, "5"),
            (True, "true"),
            (1.5, "1.5"),
            (5.0, "5"),
            (1e21, "1e+21"),
            (1e-07, "1e-07"),
            ([1, "a"], '[1,"a"]'),
            ({"b": 1.0, "a": None, "c": "é<"}, '{"a":null,"b":1,"c":"é<"}'),
        ],
    )
    def test_text(self, tree: Any, text: str) -> None:
        """Scalars are their own text, other values compact JSON with sorted keys (state.md §3.5, §8.1)."""
        assert ConfigValue(tree).text() == text

    def test_json_form(self) -> None:
        """`{value, objectValue, secret}`; an unshown secret has no value (state.md §3.6)."""
        assert ConfigValue("a").json_form() == {"value": "a", "secret": False}
        assert ConfigValue([1]).json_form() == {"value": "[1]", "objectValue": [1], "secret": False}
        assert ConfigValue(SECRET).json_form() == {"secret": True}
        assert ConfigValue(SECRET).json_form(CRYPTER) == {"value": "root", "secret": True}
        assert ConfigValue([SECRET]).json_form(CRYPTER) == {
            "value": '["root"]',
            "objectValue": ["root"],
            "secret": True,
        }

    def test_from_json(self) -> None:
        """The same shape is read by `config set-all --json` (state.md §3.6)."""
        assert value_from_json({"value": "a"}) == ConfigValue("a")
        assert value_from_json({"value": "[1]", "objectValue": [1]}) == ConfigValue([1])
        assert value_from_json({"value": "root", "secret": True}, CRYPTER) == ConfigValue(SECRET)
        assert value_from_json({"objectValue": ["root"], "secret": True}, CRYPTER) == ConfigValue([SECRET])

    @pytest.mark.parametrize(
        "form", [{}, {"secret": False}, [], {"value": object()}, {"value": "a", "secret": True}]
    )
    def test_from_bad_json(self, form: Any) -> None:
        """An entry with neither value is refused, and a secret one without a way to encrypt it."""
        with pytest.raises(ConfigError):
            value_from_json(form)

    def test_encrypting(self) -> None:
        """Only texts are encrypted: the leaves of a structured value become texts."""
        assert encrypted_value("root", CRYPTER) == ConfigValue(SECRET)
        assert encrypted_tree({"a": ["root"], "b": True}, CRYPTER).tree == {
            "a": [SECRET],
            "b": Encrypted("v1:eurt"),
        }


class TestPaths:
    @pytest.mark.parametrize(
        ("old", "path", "new"),
        [
            (None, ("a",), {"a": "X"}),
            (None, (0,), ["X"]),
            (None, ("a", 0, "b"), {"a": [{"b": "X"}]}),
            ({"a": 1}, ("b",), {"a": 1, "b": "X"}),
            ({"a": 1}, ("a",), {"a": "X"}),
            ([1, 2], (1,), [1, "X"]),
            ([1, 2], (2,), [1, 2, "X"]),
            ("scalar", ("a",), {"a": "X"}),
            (SECRET, (0,), ["X"]),
            ({"a": None}, ("a", "b"), {"a": {"b": "X"}}),
        ],
    )
    def test_setting(self, old: Any, path: tuple[str | int, ...], new: Any) -> None:
        """Missing containers are made; a scalar on top gives way (state.md §3.2)."""
        assert ConfigValue(old).with_leaf(path, "X").tree == new

    @pytest.mark.parametrize(
        ("old", "path", "words"),
        [
            ([1], (2,), "out of range"),
            ([1], ("a",), "numbered entries"),
            ({"a": 1}, (0,), "A list was expected"),
            ({"a": 1}, ("a", "b"), "A map was expected"),
            ({"a": 1}, ("a", 0), "A list was expected"),
            ({"a": SECRET}, ("a", "b"), "A map was expected"),
            (None, ("secure",), "would read as an encrypted value"),
            ({"a": {"secure": "x", "b": 1}, "c": {}}, ("c", "secure"), "would read as an encrypted value"),
        ],
    )
    def test_refusals(self, old: Any, path: tuple[str | int, ...], words: str) -> None:
        """What does not fit is refused (state.md §3.2, §3.3)."""
        with pytest.raises(ConfigError, match=words):
            ConfigValue(old).with_leaf(path, "X")

    @pytest.mark.parametrize(
        ("path", "new"),
        [
            (("a", 0), {"a": [2], "b": {"c": 3}}),
            (("b", "c"), {"a": [1, 2], "b": {}}),
            (("b",), {"a": [1, 2]}),
            (("x", "y"), {"a": [1, 2], "b": {"c": 3}}),
            (("a", 5), {"a": [1, 2], "b": {"c": 3}}),
        ],
    )
    def test_removing(self, path: tuple[str | int, ...], new: Any) -> None:
        """Entries go, later list elements move up, what is not there is no error (state.md §3.2)."""
        assert ConfigValue({"a": [1, 2], "b": {"c": 3}}).without(path).tree == new

    def test_reading(self) -> None:
        """A path that leads nowhere gives nothing."""
        value = ConfigValue({"a": [1, {"b": SECRET}]})

        assert value.at(("a", 1, "b")) == ConfigValue(SECRET)
        assert value.at(("a", "x")) is None
        assert value.at(("a", 0, "x")) is None
        assert value.at(("a", 9)) is None

    @settings(max_examples=100)
    @given(
        st.lists(st.sampled_from(["a", "b", "c d"]) | st.just(0), min_size=1, max_size=4),
        st.none() | st.integers() | st.dictionaries(st.sampled_from(["x", "y"]), st.integers(), max_size=2),
    )
    def test_what_is_set_is_found(self, path: list[str | int], old: Any) -> None:
        """Setting, then reading, gives the value; removing takes it away again."""
        base = ConfigValue(old if isinstance(path[0], str) else None)
        value = base.with_leaf(tuple(path), "X")

        assert value.at(tuple(path)) == ConfigValue("X")
        assert value.without(tuple(path)).at(tuple(path)) is None


class TestCoercion:
    @pytest.mark.parametrize("text", ["true", "5", "word", "-1"])
    def test_whole_values_are_text(self, text: str) -> None:
        """Without a path, what is typed is text (state.md §3.4)."""
        assert coerced(text) == text

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("true", True),
            ("false", False),
            ("True", "True"),
            ("5", 5),
            ("-5", -5),
            ("+5", 5),
            ("0", 0),
            ("05", "05"),
            ("1.5", "1.5"),
            ("", ""),
            ("-", "-"),
            ("²", "²"),
            ("9223372036854775808", "9223372036854775808"),
        ],
    )
    def test_nested_values_are_guessed(self, text: str, value: Any) -> None:
        """Below a path, booleans and whole numbers are recognised (state.md §3.4)."""
        assert coerced(text, nested=True) == value
        assert type(coerced(text, nested=True)) is type(value)

    def test_types_can_be_forced(self) -> None:
        """`--type` decides at any depth (state.md §3.4)."""
        assert coerced("5", type_="string", nested=True) == "5"
        assert coerced("true", type_="bool") is True
        assert coerced("5", type_="int") == 5
        assert coerced("5", type_="float") == 5.0

    @pytest.mark.parametrize(
        ("text", "type_", "words"),
        [
            ("yes", "bool", "not true or false"),
            ("5.5", "int", "not a whole number"),
            ("x", "float", "not a number"),
        ],
    )
    def test_what_does_not_parse_is_refused(self, text: str, type_: Any, words: str) -> None:
        """A forced type that does not fit is an error (state.md §3.4)."""
        with pytest.raises(ConfigError, match=words):
            coerced(text, type_=type_)


class TestConfig:
    def test_changes_make_another(self) -> None:
        """A configuration never changes; order is that of the first setting."""
        empty = Config()
        one = empty.with_value(KEY, "a").with_value(ConfigKey("aws", "region"), "r").with_value(KEY, "b")

        assert len(empty) == 0
        assert [(str(key), value.tree) for key, value in one.items()] == [
            ("shop:k", "b"),
            ("aws:region", "r"),
        ]
        assert [str(key) for key, _ in one.ordered()] == ["aws:region", "shop:k"]
        assert one.without(KEY).find(KEY) is None
        assert one.without(ConfigKey("no", "such")) is one

    def test_paths(self) -> None:
        """Paths reach into values."""
        config = Config().with_value(KEY, 5, ("a", 0)).with_value(KEY, SECRET, ("b",))

        assert config.find(KEY, ("a", 0)) == ConfigValue(5)
        assert config.has_secrets
        assert config.without(KEY, ("b",)).stored() == {"shop:k": {"a": [5]}}

    def test_what_a_program_receives(self) -> None:
        """Texts, secrets decrypted, and the list of keys that hold a secret (state.md §3.5)."""
        config = Config({KEY: ConfigValue({"p": SECRET}), ConfigKey("aws", "region"): ConfigValue("r")})

        received = config.for_program(CRYPTER)

        assert received.values == {"aws:region": "r", "shop:k": '{"p":"root"}'}
        assert received.secret_keys == ("shop:k",)
        assert received.variables() == {
            "PULUMI_CONFIG": '{"aws:region":"r","shop:k":"{\\"p\\":\\"root\\"}"}',
            "PULUMI_CONFIG_SECRET_KEYS": '["shop:k"]',
        }

    def test_no_secrets_no_crypter(self) -> None:
        """Plain values are read without a secrets provider; secret ones are not."""
        assert Config({KEY: ConfigValue(1)}).for_program(None).values == {"shop:k": "1"}
        with pytest.raises(ConfigError, match="`shop:k` is secret"):
            Config({KEY: ConfigValue(SECRET)}).for_program(None)

    def test_a_secret_that_cannot_be_read_is_named(self) -> None:
        """A failure to decrypt tells the key, and keeps the crypter's words (cli.md §18)."""
        config = Config({KEY: ConfigValue(Encrypted("broken"))})

        with pytest.raises(ConfigError, match="`shop:k` cannot be decrypted") as caught:
            config.for_program(CRYPTER)

        assert caught.value.detail == "The passphrase is wrong"
        assert "config set --secret shop:k" in str(caught.value.hint)

    def test_json(self) -> None:
        """Full keys, sorted (state.md §3.6)."""
        config = Config({KEY: ConfigValue(SECRET), ConfigKey("aws", "a"): ConfigValue("b")})

        assert config.json_form() == {"aws:a": {"value": "b", "secret": False}, "shop:k": {"secret": True}}

    def test_changing_the_provider(self) -> None:
        """Every secret is encrypted anew, everything else stays (state.md §12.5)."""

        class Shouting(Reversing):
            def encrypt(self, plaintext: str) -> str:
                return plaintext.upper()

        config = Config({KEY: ConfigValue([SECRET, "plain"])}).recrypted(CRYPTER, Shouting())

        assert config[KEY].tree == [Encrypted("ROOT"), "plain"]

    def test_nothing_secret_is_shown(self) -> None:
        """The text form for developers holds keys, not values."""
        assert repr(Config({KEY: ConfigValue("value")})) == "Config(shop:k)"


_LEAVES = (
    st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.builds(Encrypted, st.text(max_size=5))
    | st.none()
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3).filter(lambda tree: set(tree) != {"secure"})
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(_TREES)
def test_any_value_survives_its_file_form(tree: Any) -> None:
    """What is stored reads back, secret leaves included."""
    value = ConfigValue(tree)
    assert load_value(value.stored()) == value
