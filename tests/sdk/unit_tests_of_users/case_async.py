"""Tests that are coroutines: `pulumi.runtime.test` on them, `asyncio.run`, `IsolatedAsyncioTestCase`."""

import asyncio
import unittest

import infra
import mocked
import pulumi
import pytest


def outputs(output):
    """The value of an output, as many suites define it."""
    return output.future()


@pulumi.runtime.test
async def test_a_coroutine_function():
    pulumi.runtime.set_mocks(mocked.MyMocks())
    server = infra.Server("web", [80])
    assert await outputs(server.address) == "http://203.0.113.12"
    assert await server.instance.id.future() == "web-vm_id"


@pulumi.runtime.test
def test_an_awaitable_is_returned():
    pulumi.runtime.set_mocks(mocked.MyMocks())
    server = infra.Server("web", [80])

    async def check():
        await asyncio.sleep(0)
        assert await outputs(server.address) == "http://203.0.113.12"

    return check()


def test_asyncio_run():
    async def main():
        pulumi.runtime.set_mocks(mocked.MyMocks())
        instance = infra.Instance("x", "ami")
        return await instance.public_ip.future()

    assert asyncio.run(main()) == "203.0.113.12"


def test_gathered():
    async def main():
        pulumi.runtime.set_mocks(mocked.MyMocks())
        made = [infra.Instance(f"x{n}", "ami") for n in range(5)]
        return await asyncio.gather(*(each.id.future() for each in made))

    assert asyncio.run(main()) == [f"x{n}_id" for n in range(5)]


class TestIsolated(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        pulumi.runtime.set_mocks(mocked.MyMocks())

    async def test_outputs(self):
        server = infra.Server("web", [80])
        self.assertEqual(await server.address.future(), "http://203.0.113.12")

    async def test_tags(self):
        instance = infra.Instance("x", "ami", tags={"a": pulumi.Output.from_input("b")})
        self.assertEqual(await instance.tags.future(), {"a": "b"})


def test_exceptions_propagate():
    @pulumi.runtime.test
    async def inner():
        pulumi.runtime.set_mocks(mocked.MyMocks())
        await pulumi.Output.from_input(0).apply(lambda n: 1 / n).future()

    with pytest.raises(ZeroDivisionError):
        inner()
