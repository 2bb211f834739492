"""`Config`: the settings of a stack, as a program reads them (sdk.md §10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from stackwright.lazy import LazyModule
from stackwright.sdk import _session
from stackwright.sdk.errors import RunError
from stackwright.sdk.output import Output
from stackwright.sdk.runtime.config import get_config
from stackwright.sdk.runtime.settings import get_project

if TYPE_CHECKING:
    import json
else:
    json = LazyModule("json")

T = TypeVar("T")

_TRUE = ("true", "True")
_FALSE = ("false", "False")


class ConfigTypeError(RunError):
    """A setting has a value of another kind than the program expects."""

    key: str
    value: str
    expect_type: str

    def __init__(self, key: str, value: str, expect_type: str) -> None:
        self.key = key
        self.value = value
        self.expect_type = expect_type
        # A secret must not end up in an error message.
        shown = "[secret]" if key in _session.config_table().secret_keys else f"'{value}'"
        super().__init__(f"Configuration '{key}' value {shown} is not a valid '{expect_type}'")


class ConfigMissingError(RunError):
    """A setting that the program needs is not there."""

    key: str
    secret: bool

    def __init__(self, key: str, secret: bool) -> None:
        self.key = key
        self.secret = secret
        option = "--secret " if secret else ""
        super().__init__(
            f"Missing required configuration variable '{key}'\n"
            f"\tplease set a value using the command `pulumi config set {option}{key} <value>`"
        )


def _bool(text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(text)


def _object(text: str) -> Any:
    return json.loads(text)


class Config:
    """
    Settings below one name: the project's by default, or a provider package's.

    `get…` answers None or the default for what is not set, `require…` raises. The
    `…_secret…` forms answer secret outputs.
    """

    name: str

    def __init__(self, name: str | None = None) -> None:
        if not name:
            name = get_project()
        if not isinstance(name, str):
            raise TypeError("Expected name to be a string")
        self.name = name

    def full_key(self, key: str) -> str:
        """The key with this object's name in front."""
        return f"{self.name}:{key}"

    def _find(self, key: str, parse: Callable[[str], T], kind: str) -> T | None:
        full = self.full_key(key)
        text = get_config(full)
        if text is None:
            return None
        try:
            return parse(text)
        except (ValueError, TypeError):
            raise ConfigTypeError(full, text, kind) from None

    def _demand(self, key: str, parse: Callable[[str], T], kind: str, secret: bool) -> T:
        # An object may be set to null; that is as missing as what is not set at all.
        found = self._find(key, parse, kind)
        if found is None:
            raise ConfigMissingError(self.full_key(key), secret)
        return found

    def _sealed(self, found: Any, default: Any) -> Any:
        value = default if found is None else found
        return None if value is None else Output.secret(value)

    @overload
    def get(self, key: str, default: str) -> str: ...

    @overload
    def get(self, key: str, default: str | None = None) -> str | None: ...

    def get(self, key: str, default: str | None = None) -> str | None:
        """The text, or *default*."""
        found = self._find(key, str, "str")
        return default if found is None else found

    @overload
    def get_secret(self, key: str, default: str) -> Output[str]: ...

    @overload
    def get_secret(self, key: str, default: str | None = None) -> Output[str] | None: ...

    def get_secret(self, key: str, default: str | None = None) -> Output[str] | None:
        """The text as a secret, or *default*."""
        return cast("Output[str] | None", self._sealed(self.get(key), default))

    @overload
    def get_bool(self, key: str, default: bool) -> bool: ...

    @overload
    def get_bool(self, key: str, default: bool | None = None) -> bool | None: ...

    def get_bool(self, key: str, default: bool | None = None) -> bool | None:
        """`true` or `false`, or *default*."""
        found = self._find(key, _bool, "bool")
        return default if found is None else found

    @overload
    def get_secret_bool(self, key: str, default: bool) -> Output[bool]: ...

    @overload
    def get_secret_bool(self, key: str, default: bool | None = None) -> Output[bool] | None: ...

    def get_secret_bool(self, key: str, default: bool | None = None) -> Output[bool] | None:
        """`true` or `false` as a secret, or *default*."""
        return cast("Output[bool] | None", self._sealed(self.get_bool(key), default))

    @overload
    def get_int(self, key: str, default: int) -> int: ...

    @overload
    def get_int(self, key: str, default: int | None = None) -> int | None: ...

    def get_int(self, key: str, default: int | None = None) -> int | None:
        """A whole number, or *default*."""
        found = self._find(key, int, "int")
        return default if found is None else found

    @overload
    def get_secret_int(self, key: str, default: int) -> Output[int]: ...

    @overload
    def get_secret_int(self, key: str, default: int | None = None) -> Output[int] | None: ...

    def get_secret_int(self, key: str, default: int | None = None) -> Output[int] | None:
        """A whole number as a secret, or *default*."""
        return cast("Output[int] | None", self._sealed(self.get_int(key), default))

    @overload
    def get_float(self, key: str, default: float) -> float: ...

    @overload
    def get_float(self, key: str, default: float | None = None) -> float | None: ...

    def get_float(self, key: str, default: float | None = None) -> float | None:
        """A number, or *default*."""
        found = self._find(key, float, "float")
        return default if found is None else found

    @overload
    def get_secret_float(self, key: str, default: float) -> Output[float]: ...

    @overload
    def get_secret_float(self, key: str, default: float | None = None) -> Output[float] | None: ...

    def get_secret_float(self, key: str, default: float | None = None) -> Output[float] | None:
        """A number as a secret, or *default*."""
        return cast("Output[float] | None", self._sealed(self.get_float(key), default))

    def get_object(self, key: str, default: Any | None = None) -> Any | None:
        """What the setting says as JSON, or *default*."""
        found = self._find(key, _object, "JSON object")
        return default if found is None else found

    def get_secret_object(self, key: str, default: Any | None = None) -> Output[Any] | None:
        """What the setting says as JSON, as a secret, or *default*."""
        return cast("Output[Any] | None", self._sealed(self.get_object(key), default))

    def require(self, key: str) -> str:
        """The text; ConfigMissingError without one."""
        return self._demand(key, str, "str", False)

    def require_secret(self, key: str) -> Output[str]:
        """The text as a secret; ConfigMissingError without one."""
        return Output.secret(self._demand(key, str, "str", True))

    def require_bool(self, key: str) -> bool:
        """`true` or `false`; ConfigMissingError without one."""
        return self._demand(key, _bool, "bool", False)

    def require_secret_bool(self, key: str) -> Output[bool]:
        """`true` or `false` as a secret; ConfigMissingError without one."""
        return Output.secret(self._demand(key, _bool, "bool", True))

    def require_int(self, key: str) -> int:
        """A whole number; ConfigMissingError without one."""
        return self._demand(key, int, "int", False)

    def require_secret_int(self, key: str) -> Output[int]:
        """A whole number as a secret; ConfigMissingError without one."""
        return Output.secret(self._demand(key, int, "int", True))

    def require_float(self, key: str) -> float:
        """A number; ConfigMissingError without one."""
        return self._demand(key, float, "float", False)

    def require_secret_float(self, key: str) -> Output[float]:
        """A number as a secret; ConfigMissingError without one."""
        return Output.secret(self._demand(key, float, "float", True))

    def require_object(self, key: str) -> Any:
        """What the setting says as JSON; ConfigMissingError without one."""
        return self._demand(key, _object, "JSON object", False)

    def require_secret_object(self, key: str) -> Output[Any]:
        """What the setting says as JSON, as a secret; ConfigMissingError without one."""
        return Output.secret(self._demand(key, _object, "JSON object", True))
