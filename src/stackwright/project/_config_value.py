"""
Values of configuration: how they are stored, shown, changed and told to programs.

A value is a tree of plain values in which every encrypted leaf is an `Encrypted`.
On disk such a leaf is a map with the single key `secure` (spec: state.md §3.3).
Encrypting and decrypting is left to a `Crypter`; nothing here knows a key.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias

import msgspec

from stackwright.project._problems import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stackwright.project._config_key import ConfigPath
    from stackwright.project._document import Tree

MASK: Final = "[secret]"
"""What is shown in place of a secret."""

SECURE: Final = "secure"

ValueType = Literal["string", "bool", "int", "float"]

SecretTree: TypeAlias = Any
"""None, bool, int, float, str, `Encrypted`, list of these, or dict of str to these."""


class Crypter(Protocol):
    """What encrypts and decrypts the secret values of one stack."""

    def encrypt(self, plaintext: str) -> str:
        """
        The ciphertext of *plaintext*, as a text that goes into the stack file.

        Raises:
            StackwrightError: The key is not available.
        """
        ...

    def decrypt(self, ciphertext: str) -> str:
        """
        The plaintext of *ciphertext*.

        Raises:
            StackwrightError: The key is not available, or is not the one the
                text was encrypted with.
        """
        ...


class Encrypted(msgspec.Struct, frozen=True):
    """An encrypted leaf of a configuration value."""

    ciphertext: str


class ConfigValue(msgspec.Struct, frozen=True):
    """One configuration value, possibly with encrypted leaves."""

    tree: SecretTree

    @property
    def is_secret(self) -> bool:
        """Whether the value, or anything inside of it, is encrypted."""
        return any(isinstance(leaf, Encrypted) for leaf in _leaves(self.tree))

    @property
    def is_object(self) -> bool:
        """Whether the value is structured: a list or a map."""
        return isinstance(self.tree, list | dict)

    def plain(self, crypter: Crypter) -> Tree:
        """The value with its secrets decrypted."""
        return _replaced(self.tree, crypter.decrypt)

    def masked(self) -> Tree:
        """The value with `[secret]` in place of its secrets."""
        return _replaced(self.tree, lambda _: MASK)

    def text(self, crypter: Crypter | None = None) -> str:
        """
        The value as a program receives it: a scalar's own text, JSON for a structured value.

        Without *crypter*, secrets are masked (spec: state.md §3.5).
        """
        return tree_text(self.masked() if crypter is None else self.plain(crypter))

    def json_form(self, crypter: Crypter | None = None) -> dict[str, Any]:
        """
        `{value, objectValue, secret}`, as `config --json` prints it (spec: state.md §3.6).

        Without *crypter* a secret value is left out.
        """
        secret = self.is_secret
        if secret and crypter is None:
            return {"secret": True}
        tree = self.masked() if crypter is None else self.plain(crypter)
        form: dict[str, Any] = {"value": tree_text(tree)}
        if self.is_object:
            form["objectValue"] = tree
        form["secret"] = secret
        return form

    def stored(self) -> Tree:
        """The tree that goes into the stack file."""
        return _stored(self.tree)

    def at(self, path: ConfigPath) -> ConfigValue | None:
        """The value at *path* inside of this one, or None."""
        tree = self.tree
        for segment in path:
            tree = _child(tree, segment)
            if tree is None:
                return None
        return ConfigValue(tree)

    def with_leaf(self, path: ConfigPath, leaf: SecretTree) -> ConfigValue:
        """
        The value with *leaf* at *path*; containers on the way are made as needed.

        A scalar on top gives way to a container; further down it does not
        (spec: state.md §3.2).

        Raises:
            ConfigError: The path does not fit the value, or would make a map
                that reads as an encrypted value.
        """
        tree = self.tree
        if path and not isinstance(tree, list | dict):
            tree = [] if isinstance(path[0], int) else {}
        changed = _with_leaf(tree, path, leaf)
        _refuse_reserved(changed)
        return ConfigValue(changed)

    def without(self, path: ConfigPath) -> ConfigValue:
        """The value without what is at *path*; later entries of a list move up. Nothing there is no error."""
        if not path:
            raise ConfigError("The path of a configuration value must not be empty")
        return ConfigValue(_without(self.tree, path))

    def recrypted(self, old: Crypter, new: Crypter) -> ConfigValue:
        """The same value with its secrets encrypted by another crypter."""
        return ConfigValue(
            _mapped(self.tree, lambda leaf: Encrypted(new.encrypt(old.decrypt(leaf.ciphertext))))
        )


def load_value(tree: Tree) -> ConfigValue:
    """
    The value that *tree*, read from a stack file, stands for.

    Raises:
        ConfigError: A map has the single key `secure` but no text under it.
    """
    return ConfigValue(_loaded(tree))


def recorded_form(value: ConfigValue) -> dict[str, Any]:
    """*value* as history keeps it: `json_form`, and of a secret one what the stack file holds, encrypted."""
    form = value.json_form()
    return {**form, "stored": value.stored()} if value.is_secret else form


def value_from_record(form: Mapping[str, Any]) -> ConfigValue | None:
    """The reverse of `recorded_form`; None of a secret one that an older release did not keep."""
    if not form.get("secret"):
        return value_from_json(dict(form))
    return load_value(form["stored"]) if "stored" in form else None


def value_from_json(form: Any, crypter: Crypter | None = None) -> ConfigValue:
    """
    The value that one entry of the `config --json` shape describes (spec: state.md §3.6).

    A secret is encrypted with *crypter*; of a secret structured value, every text is.

    Raises:
        ConfigError: The entry has neither `value` nor `objectValue`, or is secret
            and there is no crypter.
    """
    if not isinstance(form, dict) or not ("value" in form or "objectValue" in form):
        raise ConfigError("An entry must have a `value` or an `objectValue`")
    tree: SecretTree = form["objectValue"] if form.get("objectValue") is not None else form.get("value")
    if tree is not None and not isinstance(tree, str | int | float | bool | list | dict):
        raise ConfigError("A value must be text, a number, true or false, a list or a map")
    _refuse_reserved(tree)
    if form.get("secret"):
        if crypter is None:
            raise ConfigError("A secret value needs the stack's secrets provider")
        return encrypted_tree(tree, crypter)
    return ConfigValue("" if tree is None else tree)


def encrypted_value(plaintext: str, crypter: Crypter) -> ConfigValue:
    """A secret text."""
    return ConfigValue(Encrypted(crypter.encrypt(plaintext)))


def encrypted_tree(tree: Tree, crypter: Crypter) -> ConfigValue:
    """A structured value whose every leaf is secret; leaves become texts, as only texts are encrypted."""

    def encrypt(node: Tree) -> SecretTree:
        if isinstance(node, dict):
            return {key: encrypt(entry) for key, entry in node.items()}
        if isinstance(node, list):
            return [encrypt(entry) for entry in node]
        return Encrypted(crypter.encrypt(tree_text(node)))

    return ConfigValue(encrypt(tree))


def coerced(text: str, *, type_: ValueType | None = None, nested: bool = False) -> str | int | float | bool:
    """
    The value that *text*, typed at a command line, means (spec: state.md §3.4).

    Without *type_* a whole value (not *nested* by a path) is always text; a nested
    one becomes a boolean or a whole number where it reads as one.

    Raises:
        ConfigError: *text* is no value of *type_*.
    """
    if type_ is None:
        return _guessed(text) if nested else text
    if type_ == "string":
        return text
    try:
        if type_ == "bool":
            return _BOOLEANS[text]
        return int(text) if type_ == "int" and text.strip() == text and "_" not in text else float(text)
    except (KeyError, ValueError):
        named = {"bool": "true or false", "int": "a whole number", "float": "a number"}[type_]
        raise ConfigError(
            f"`{text}` is not {named}", hint=f"The value was asked for with `--type {type_}`"
        ) from None


def tree_text(tree: Tree) -> str:
    """A scalar's own text; compact JSON with sorted keys for anything structured."""
    if isinstance(tree, str):
        return tree
    if tree is None:
        return ""
    if isinstance(tree, bool):
        return "true" if tree else "false"
    if isinstance(tree, int):
        return str(tree)
    if isinstance(tree, float):
        return number_text(tree)
    return json.dumps(_numbers(tree), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def number_text(number: float) -> str:
    """A number without a fraction where it has none, up to 1e21 (spec: state.md §8.1)."""
    if number.is_integer() and abs(number) < 1e21:
        return str(int(number))
    return repr(number)


_BOOLEANS: Final = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}


def _guessed(text: str) -> str | int | bool:
    if text in {"true", "false"}:
        return text == "true"
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if digits.isascii() and digits.isdigit() and (digits == "0" or not digits.startswith("0")):
        number = int(text)
        return number if -(2**63) <= number < 2**63 else text
    return text


def _numbers(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: _numbers(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_numbers(value) for value in tree]
    if isinstance(tree, float) and tree.is_integer() and abs(tree) < 1e21:
        return int(tree)
    return tree


def _child(tree: SecretTree, segment: Any) -> SecretTree:
    if not isinstance(tree, list | dict):
        return None
    try:
        return tree[segment]
    except (KeyError, IndexError, TypeError):
        return None


def _leaves(tree: SecretTree) -> Iterator[Any]:
    if isinstance(tree, dict):
        for value in tree.values():
            yield from _leaves(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _leaves(value)
    else:
        yield tree


def _mapped(tree: SecretTree, change: Any) -> SecretTree:
    if isinstance(tree, Encrypted):
        return change(tree)
    if isinstance(tree, dict):
        return {key: _mapped(value, change) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_mapped(value, change) for value in tree]
    return tree


def _replaced(tree: SecretTree, reveal: Any) -> Tree:
    return _mapped(tree, lambda leaf: reveal(leaf.ciphertext))


def _stored(tree: SecretTree) -> Tree:
    return _mapped(tree, lambda leaf: {SECURE: leaf.ciphertext})


def _loaded(tree: Tree) -> SecretTree:
    if isinstance(tree, dict):
        if len(tree) == 1 and SECURE in tree:
            if not isinstance(tree[SECURE], str):
                raise ConfigError(
                    "a map with the single key `secure` is an encrypted value, and must hold its text",
                    hint="Set secrets with `stackwright config set --secret`",
                )
            return Encrypted(tree[SECURE])
        return {key: _loaded(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_loaded(value) for value in tree]
    return tree


def _refuse_reserved(tree: SecretTree) -> None:
    if isinstance(tree, dict):
        if len(tree) == 1 and SECURE in tree:
            raise ConfigError(
                "A map with the single key `secure` would read as an encrypted value",
                hint="Give the map another key as well, or name the key differently",
            )
        for value in tree.values():
            _refuse_reserved(value)
    elif isinstance(tree, list):
        for value in tree:
            _refuse_reserved(value)


def _with_leaf(tree: SecretTree, path: ConfigPath, leaf: SecretTree) -> SecretTree:
    if not path:
        return leaf
    segment, rest = path[0], path[1:]
    if tree is None:
        tree = [] if isinstance(segment, int) else {}
    if isinstance(tree, list):
        if not isinstance(segment, int):
            raise ConfigError(f"A list has numbered entries, so `{segment}` cannot be one of them")
        if segment > len(tree):
            raise ConfigError(f"The index {segment} is out of range: the list has {len(tree)} entries")
        below = _with_leaf(tree[segment] if segment < len(tree) else None, rest, leaf)
        return [*tree[:segment], below, *tree[segment + 1 :]]
    if isinstance(tree, dict):
        if not isinstance(segment, str):
            raise ConfigError(f"A list was expected for the index {segment}, but there is a map")
        return {**tree, segment: _with_leaf(tree.get(segment), rest, leaf)}
    wanted = "list" if isinstance(segment, int) else "map"
    raise ConfigError(f"A {wanted} was expected for `{segment}`, but there is a single value")


def _without(tree: SecretTree, path: ConfigPath) -> SecretTree:
    segment, rest = path[0], path[1:]
    if isinstance(tree, dict) and isinstance(segment, str) and segment in tree:
        if rest:
            return {**tree, segment: _without(tree[segment], rest)}
        return {key: value for key, value in tree.items() if key != segment}
    if isinstance(tree, list) and isinstance(segment, int) and segment < len(tree):
        kept = [_without(tree[segment], rest)] if rest else []
        return [*tree[:segment], *kept, *tree[segment + 1 :]]
    return tree
