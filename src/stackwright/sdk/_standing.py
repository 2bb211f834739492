"""
How a resource of the program stands with the deployment, and what is known of it.

Every resource has one `Standing`: waiting, known, or failed. It holds the
deployment's answer as it came; outputs are made from it when somebody reads them,
one at a time (provider SDKs declare hundreds of properties, programs read a few).

How a single property is turned into what the program sees is said in
`_deserialize`; who sends requests, in `_registration`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from stackwright.sdk import output as _output
from stackwright.sdk.output import Output
from stackwright.urn import UNKNOWN_ID, Urn

if TYPE_CHECKING:
    from stackwright.sdk._session import Session

_WAITING: Final = 0
_KNOWN: Final = 1
_FAILED: Final = 2

Part: TypeAlias = tuple[Any, bool, bool, frozenset[Any]]
"""What an output is made of: value, whether it is known, whether it is secret, its resources."""

Reader: TypeAlias = Callable[["Standing", str], Part]
"""Reads one property of a resource, by its Python name, from the deployment's answer."""


class ResourceBase:
    """What the SDK's inside knows of a resource; `stackwright.sdk.resource.Resource` is the whole."""

    _sdk_base = True
    """Says to `_types` that the annotations of this class are no properties; also in its subclasses here."""

    _standing: Standing
    _custom: bool = True
    _remote: bool = False
    _keeps_numbers: bool = False
    """Whether whole numbers stay whole: who answers them means them, as Python classes do and Terraform."""
    _type: str
    _name: str


def stands_for_itself(resource: ResourceBase) -> bool:
    """Whether others depend on this resource as such; a local component stands for its children (§3.5)."""
    return resource._custom or resource._remote


class Standing:
    """
    One resource in the eyes of the deployment; used on the program's thread alone.

    Attributes:
        urn: The resource's URN, or None while it is not known.
        id: Its id; None for components, empty where a preview cannot know it.
        error: What its registration failed with.
        declared: The Python names of the properties it was constructed with.
    """

    __slots__ = (
        "_outputs",
        "_read",
        "_self",
        "_state",
        "_waiting",
        "declared",
        "error",
        "id",
        "resource",
        "session",
        "urn",
    )

    def __init__(self, session: Session, resource: ResourceBase, declared: tuple[str, ...] = ()) -> None:
        self.session = session
        self.resource = resource
        self.declared = declared
        self.urn: Urn | None = None
        self.id: str | None = None
        self.error: BaseException | None = None
        self._state = _WAITING
        self._read: Reader | None = None
        self._self: frozenset[Any] | None = None
        self._outputs: list[tuple[str, Output[Any]]] | None = None
        self._waiting: list[tuple[Callable[[Any], None], Any]] | None = None

    @property
    def waits(self) -> bool:
        """Whether the deployment has not answered yet."""
        return self._state == _WAITING

    @property
    def id_is_known(self) -> bool:
        """Whether there is an id and it is not the sign for an unknown one (§3.6)."""
        return bool(self.id) and self.id != UNKNOWN_ID

    @property
    def deps(self) -> frozenset[Any]:
        """The set that outputs of this resource depend on: itself."""
        if self._self is None:
            self._self = frozenset((self.resource,))
        return self._self

    def when_answered(self, call: Callable[[Any], None], argument: Any) -> None:
        """Call `call(argument)` in its turn once the resource is known or has failed."""
        if self._state != _WAITING:
            self.session.turns.soon(call, argument)
        elif self._waiting is None:
            self._waiting = [(call, argument)]
        else:
            self._waiting.append((call, argument))

    # Reading --------------------------------------------------------------------------------------

    def output(self, name: str) -> Output[Any]:
        """The output of one declared property, or of `urn` or `id`."""
        if self._state == _WAITING:
            waiting = _output.pending(self.session, tracked=False)
            if self._outputs is None:
                self._outputs = [(name, waiting)]
            else:
                self._outputs.append((name, waiting))
            return waiting
        made = _output.pending(self.session, tracked=False)
        self._give(name, made)
        return made

    def _give(self, name: str, output: Output[Any]) -> None:
        if self.error is not None:
            _output.fail(output, self.error)
            return
        try:
            value, known, secret, deps = self._part(name)
        except Exception as error:  # noqa: BLE001 # enums and classes of provider SDKs may raise anything
            _output.fail(output, error)
        else:
            _output.settle(output, value, known, secret, deps)

    def _part(self, name: str) -> Part:
        if name == "urn":
            return self.urn, True, False, self.deps
        if name == "id" and self.resource._custom:
            known = self.id_is_known
            return (self.id if known else None), known, False, self.deps
        if self._read is None:
            return None, True, False, self.deps
        return self._read(self, name)

    # Settling -------------------------------------------------------------------------------------

    def known(self, urn: Urn, id: str | None, read: Reader | None) -> None:
        """The deployment has answered; *read* gives properties from now on."""
        self.urn = urn
        self.id = id
        self._read = read
        self._state = _KNOWN
        self._wake()

    def fail(self, error: BaseException) -> None:
        """The registration has failed, and every output of the resource with it (§3.4)."""
        self.error = error
        self._state = _FAILED
        self.session.fail(error)
        self._wake()

    def _wake(self) -> None:
        outputs, self._outputs = self._outputs, None
        if outputs:
            for name, output in outputs:
                self._give(name, output)
        waiting, self._waiting = self._waiting, None
        if waiting:
            turns = self.session.turns
            for call, argument in waiting:
                turns.soon(call, argument)


def known_already(
    session: Session,
    resource: ResourceBase,
    urn: str,
    id: str | None = None,
    *,
    declared: tuple[str, ...] = (),
) -> Standing:
    """The standing of a resource that is only referred to: it needs no answer."""
    standing = Standing(session, resource, declared)
    standing.urn = Urn(urn)
    standing.id = id
    standing._state = _KNOWN
    return standing
