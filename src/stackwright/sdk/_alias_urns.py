"""Aliases as plain URNs: for `resource._aliases`, and for engines that know no alias specs (sdk.md §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stackwright.sdk import output as _output
from stackwright.sdk._serialize import Serializer
from stackwright.sdk.output import Output
from stackwright.urn import Urn, urn_name

if TYPE_CHECKING:
    from stackwright.sdk.resource import Resource


def collapse_alias(alias: Any, name: str, type_: str, parent: Resource | None) -> Output[str]:
    """One alias as the URN it stands for; what was left out is as it is now."""
    return Output.from_input(alias).apply(lambda known: _collapsed(known, name, type_, parent))


def _collapsed(alias: Any, name: str, type_: str, parent: Resource | None) -> Any:
    from stackwright.sdk.resource import create_urn

    if isinstance(alias, str):
        return alias
    alias_name = name if alias.name is ... else alias.name
    alias_type = type_ if alias.type_ is ... else alias.type_
    if alias_name is None:
        raise Exception("No valid 'name' passed in for alias.")  # noqa: TRY002 # §4.3 promises the plain class
    if alias_type is None:
        raise Exception("No valid 'type_' passed in for alias.")  # noqa: TRY002 # likewise
    alias_parent = parent if alias.parent is ... else alias.parent
    project = None if alias.project is ... else alias.project
    stack = None if alias.stack is ... else alias.stack
    return Output.all(project, stack).apply(
        lambda parts: create_urn(alias_name, alias_type, alias_parent, parts[0], parts[1])
    )


def inherited_alias(child: str, parent_name: str, parent_alias: str, child_type: str) -> str:
    """
    The URN a child had when its parent had another one.

    Children are often named after their parent; then the old name starts with the parent's old one.
    """
    name = child
    if child.startswith(parent_name):
        name = urn_name(parent_alias) + child[len(parent_name) :]
    return f"{parent_alias[: parent_alias.rindex('::')]}${child_type}::{name}"


def alias_urns(
    look: Serializer, resource: Resource, given: Any, name: str, type_: str, parent: Resource | None
) -> tuple[Urn, ...]:
    """All former URNs: own aliases, and each of them below each alias of the parent; no repetitions."""
    # Outputs are made once, not at every look.
    key = id(resource)
    memo = look.memo = {} if look.memo is None else look.memo
    remembered = memo.get(key)
    if remembered is None:
        own = [collapse_alias(alias, name, type_, parent) for alias in given]
        above = list(parent._aliases) if parent is not None else []
        remembered = memo[key] = (resource, Output.all(Output.all(*own), Output.all(*above)))
    known = look.settled(remembered[1])
    if known is None or not known._known:
        return ()
    own_urns, parent_urns = known._value
    found: dict[str, None] = dict.fromkeys(urn for urn in own_urns if urn)
    for parent_urn in parent_urns:
        assert parent is not None
        found[inherited_alias(name, parent._name, parent_urn, type_)] = None
        for item in given:
            alias = _output.Output.from_input(item) if isinstance(item, Output) else item
            former_name = name if isinstance(alias, (str, Output)) or alias.name is ... else alias.name
            former_type = type_ if isinstance(alias, (str, Output)) or alias.type_ is ... else alias.type_
            found[inherited_alias(former_name, parent._name, parent_urn, former_type)] = None
    return tuple(Urn(urn) for urn in found)
