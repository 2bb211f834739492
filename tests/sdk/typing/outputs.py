"""Outputs: what is inferred when they are derived and combined."""

from collections.abc import Awaitable, Callable
from typing import Optional

import pulumi
from pulumi import Input, Output


def lifted(name: Output[str], count: Output[int], maybe: Output[Optional[str]]) -> None:
    reveal_type(name.apply(len))
    reveal_type(name.apply(lambda n: n.upper()))
    reveal_type(count.apply(lambda n: [n]))
    reveal_type(name.apply(lambda n: Output.from_input(n)))
    reveal_type(name.apply(lambda n: count))
    reveal_type(name.apply(lambda n: count.apply(lambda c: (n, c))))
    reveal_type(maybe.apply(lambda m: m or "none"))
    reveal_type(name.recover(lambda error: str(error)))


async def later(text: str) -> int:
    return len(text)


def awaited(name: Output[str]) -> None:
    reveal_type(name.apply(later))
    reveal_type(Output.from_input(later("x")))


def combined(name: Output[str], count: Output[int]) -> None:
    reveal_type(Output.all(name, count))
    reveal_type(Output.all(name=name, count=count))
    reveal_type(Output.all(name, count).apply(lambda parts: f"{parts[0]}{parts[1]}"))
    reveal_type(Output.all(name=name).apply(lambda parts: str(parts["name"])))
    reveal_type(Output.concat("a", name, "b"))
    reveal_type(Output.format("{}-{n}", name, n=count))
    reveal_type(Output.json_dumps({"a": name}))
    reveal_type(Output.json_loads(name))


def made(given: Input[str], listed: Input[list[str]], awaitable: Awaitable[int]) -> None:
    reveal_type(Output.from_input("x"))
    reveal_type(Output.from_input(given))
    reveal_type(Output.from_input(listed))
    reveal_type(Output.from_input(awaitable))
    reveal_type(Output.secret("x"))
    reveal_type(Output.secret(given))
    reveal_type(Output.unsecret(Output.secret(1)))


async def looked_at(name: Output[str]) -> None:
    reveal_type(await name.future())
    reveal_type(await name.is_known())
    reveal_type(await name.is_secret())
    reveal_type(await name.resources())


def deferred() -> None:
    pair: tuple[Output[str], Callable[[Output[str]], None]] = pulumi.deferred_output()
    output, resolve = pair
    resolve(Output.from_input("x"))
    reveal_type(output)
    reveal_type(pulumi.contains_unknowns({"a": output}))
