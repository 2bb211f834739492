"""
What a provider says, for people: in the program's terms, and without its secrets (terraform.md §8.6, §8.14).
"""

from __future__ import annotations

from collections.abc import Sequence

from stackwright.goals import CheckFailure
from stackwright.providers.terraform._client import TfDiagnostic, TfSeverity
from stackwright.providers.terraform._property_paths import property_path
from stackwright.providers.terraform._shapes import Form, Shape, ValueShape
from stackwright.values import Mask, PropertyMap, Secret, Value, format_path, secret_texts, texts_in


def mask_of(shape: Shape, *bags: PropertyMap) -> Mask:
    """Hides what is secret in *bags*, by itself or because the schema says so."""

    def collect() -> set[str]:
        found = secret_texts(*bags)
        for bag in bags:
            _sensitive_in(shape, bag, found)
        return found

    return Mask(collect)


def _sensitive_in(shape: Shape, bag: Value, found: set[str]) -> None:
    if isinstance(bag, Secret):
        bag = bag.value
    if not isinstance(bag, dict):
        return
    for name, value in bag.items():
        field = shape.by_property.get(name)
        if field is None:
            continue
        if field.sensitive:
            found.update(texts_in(value))
        elif isinstance(value, dict | list | Secret):
            _sensitive_below(field.value, value, found)


def _sensitive_below(shape: ValueShape, value: Value, found: set[str]) -> None:
    if isinstance(value, Secret):
        value = value.value
    if isinstance(value, list) and shape.element is not None:
        for each in value:
            _sensitive_below(shape.element, each, found)
    elif shape.flattened:
        _sensitive_below(shape.single, value, found)
    elif shape.form is Form.OBJECT:
        _sensitive_in(shape.object, value, found)
    elif shape.form is Form.MAP and isinstance(value, dict) and shape.element is not None:
        for each in value.values():
            _sensitive_below(shape.element, each, found)


def described(diagnostic: TfDiagnostic, shape: Shape | None, mask: Mask) -> str:
    """One thing said, as a sentence or two, with the property it is about."""
    text = _text(diagnostic)
    if shape is not None and diagnostic.path:
        path = property_path(shape, diagnostic.path)
        if path:
            text = f"{text} (at `{format_path(path)}`)"
    return mask(text)


def _text(diagnostic: TfDiagnostic) -> str:
    summary, detail = diagnostic.summary.strip(), diagnostic.detail.strip()
    if not detail or detail == summary:
        return summary
    if not summary:
        return detail
    return f"{summary.rstrip(':.')}: {detail}"


def failures(diagnostics: Sequence[TfDiagnostic], shape: Shape, mask: Mask) -> tuple[CheckFailure, ...]:
    """The errors among *diagnostics*, each at the property that caused it (§8.6)."""
    found: list[CheckFailure] = []
    for each in diagnostics:
        if each.severity is not TfSeverity.ERROR:
            continue
        path = property_path(shape, each.path or ())
        text = mask(_text(each))
        if len(path) > 1:
            text = f"{text} (at `{format_path(path)}`)"
        failure = CheckFailure(str(path[0]) if path else "", text)
        if failure not in found:
            found.append(failure)
    return tuple(found)
