"""Clients of Terraform providers, and a few values that their tests need."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from stackwright.providers.terraform import (
    UNKNOWN,
    PluginPool,
    ProviderClient,
    ProviderProgram,
    Schema,
    SchemaCache,
    empty_value,
)

T = TypeVar("T")


def program(path: Path, name: str = "", **changes: Any) -> ProviderProgram:
    """How to run the provider at *path*."""
    environ = {**os.environ, **changes.pop("environ", {})}
    return ProviderProgram(name=name or path.name, path=path, environ=environ, **changes)


@asynccontextmanager
async def client_of(
    path: Path, *, cache: Path | None = None, **changes: Any
) -> AsyncIterator[ProviderClient]:
    """An unconfigured client of the provider at *path*; its processes end with the block."""
    pool = PluginPool(program(path, **changes), cache=SchemaCache(cache) if cache else None)
    client = ProviderClient(pool)
    try:
        yield client
    finally:
        await client.close()
        await pool.close()


def run(scenario: Callable[[], Awaitable[T]]) -> T:
    """Run *scenario* on a loop of its own; nothing may be left running on it."""

    async def guarded() -> T:
        async with asyncio.timeout(60):
            result = await scenario()
        await asyncio.sleep(0)  # generators that were left are closed by now
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if left:  # what was cancelled may need a moment to end
            _, left = await asyncio.wait(left, timeout=5)
        assert not left, left
        return result

    return asyncio.run(guarded())


def config_of(schema: Schema, **attributes: Any) -> dict[str, Any]:
    """A configuration that says *attributes* and nothing else."""
    return {**empty_value(schema.block), **attributes}


def proposed(schema: Schema, config: dict[str, Any]) -> dict[str, Any]:
    """What is proposed for a new object: whatever only the provider knows is unknown."""
    computed = {name for name, each in schema.block.attributes.items() if each.computed}
    return {name: UNKNOWN if value is None and name in computed else value for name, value in config.items()}
