"""What an import of a Terraform state says before it does anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from stackwright.moving import Adoption, MovedResource, ProviderUse, Standing, provider_key
from stackwright.urn import Urn
from stackwright.values import PropertyMap

_SHOWN = 20
"""Of what nothing is done with, so many are named."""


def summary(adoption: Adoption, stack: str, outputs: Sequence[str]) -> Iterator[str]:
    """What is brought into *stack*, what not and why; *outputs* are those that change."""
    for number, part in enumerate(each for each in _parts(adoption, stack, outputs) if each):
        if number:
            yield ""
        yield from part


def _parts(adoption: Adoption, stack: str, outputs: Sequence[str]) -> Iterator[list[str]]:
    fresh = adoption.fresh
    yield _listed(f"Bringing {counted(fresh)} into {stack}:", map(_arrow, fresh))
    later = adoption.of(Standing.LATER)
    yield _listed(f"Changed by Terraform since, and recorded anew ({len(later)}):", map(_arrow, later))
    yield _listed(f"Outputs of the stack that change ({len(outputs)}):", outputs)
    own = adoption.of(Standing.OWN)
    yield _listed(f"Changed by the stack itself since, and left as they are ({len(own)}):", map(_arrow, own))
    same = adoption.of(Standing.SAME)
    yield [f"In the stack already: {counted(same)}."] if same else []
    skipped = (f"{each.address}: {_on_one_line(each.reason)}" for each in adoption.skipped)
    yield _listed(f"Not brought in ({len(adoption.skipped)}):", skipped)
    yield _left(adoption.left)


def _left(left: Sequence[Urn]) -> list[str]:
    if not left:
        return []
    shown = [*left[:_SHOWN], *([f"and {len(left) - _SHOWN} more"] if len(left) > _SHOWN else [])]
    return [
        *_listed(f"Gone from Terraform, and still in the stack ({len(left)}):", shown),
        "What does not exist any more, `stackwright refresh` takes out of the stack. The rest the next",
        "update deletes, unless the program declares it: take it out with `stack export` and `stack import`.",
    ]


def _listed(head: str, entries: Iterable[str]) -> list[str]:
    """*head* with the entries below it; nothing if there are none."""
    lines = [f"    {each}" for each in entries]
    return [head, *lines] if lines else []


def _arrow(each: MovedResource) -> str:
    mark = " (tainted: will be replaced)" if each.tainted else ""
    mark = " (left from a replacement: will be deleted)" if each.deposed else mark
    return f"{each.address}  ->  {each.type.rpartition(':')[2]} {each.name}{mark}"


def notes(
    adoption: Adoption,
    configurations: Mapping[ProviderUse, PropertyMap],
    project: str,
    *,
    has_private: bool,
) -> Iterator[str]:
    """What else there is to say; *has_private* tells whether the state had providers' private data."""
    yield from adoption.notes
    if not has_private:
        yield (
            "`terraform show -json` leaves out private data, which timeouts and some providers need, and"
            " which configuration of its provider a resource has; the state file itself has them"
        )
    for use, settings in configurations.items():
        if use.configuration and not settings:
            yield (
                f"{use} is configured by `{project}:{provider_key(use)}`, an object of the provider's"
                " arguments, which is not set yet"
            )
    for each in adoption.current:
        if each.differs:
            yield f"{each.address}: a preview will show a change: {each.differs}"
        if each.ignored:
            yield (
                f"{each.address}: its provider would change {', '.join(each.ignored)} whatever is said,"
                " so the program ignores changes there; it says what Terraform recorded, which may be a"
                " digest: give it the real value before the object is ever replaced"
            )


def counted(resources: Sequence[object]) -> str:
    return f"{len(resources):,} resource{'' if len(resources) == 1 else 's'}"


def _on_one_line(text: str) -> str:
    """What a provider says over several paragraphs, as an entry of a list."""
    return " ".join(text.split())
