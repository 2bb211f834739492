"""Monitors of a suite's own, which speak the protocol: around the mocks' one, in its place, and one that is gone."""

import unittest.mock

import grpc
import mocked
import pulumi
import pytest
from pulumi.runtime import settings
from pulumi.runtime.mocks import MockEngine
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2


class Thing(pulumi.CustomResource):
    def __init__(self, name, x=None, opts=None):
        super().__init__("test:index:Thing", name, {"x": x}, opts)


class Around:
    """Looks at the registrations, and passes everything on."""

    def __init__(self, inner):
        self.inner = inner
        self.depends = {}

    def RegisterResource(self, request):
        answer = self.inner.RegisterResource(request)
        self.depends[request.name] = list(request.dependencies)
        return answer

    def __getattr__(self, name):
        return getattr(self.inner, name)


def test_around_the_one_of_the_mocks():
    pulumi.runtime.set_mocks(mocked.MyMocks())
    around = Around(settings.SETTINGS.monitor)
    settings.SETTINGS.monitor = around
    assert settings.get_monitor() is settings.SETTINGS.monitor is around
    found = []

    @pulumi.runtime.test
    def run():
        first = Thing("first")
        second = Thing("second", x=first.id, opts=pulumi.ResourceOptions(depends_on=[first]))
        return pulumi.Output.all(first.urn, second.urn).apply(lambda urns: found.append(urns[0]))

    run()
    assert around.depends == {"first": [], "second": found}


class OnlyMessages:
    """Knows the protocol and nothing else."""

    def __init__(self):
        self.seen = []

    def RegisterResource(self, request):
        self.seen.append(request.name)
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:s::p::t::{request.name}", id="i-1")

    def Invoke(self, request):
        answer = resource_pb2.ResourceInvokeResponse()
        getattr(answer, "return").update({"token": request.tok})
        return answer

    def Call(self, request):
        answer = provider_pb2.CallResponse()
        getattr(answer, "return").update({"called": request.tok})
        return answer

    def SignalAndWaitForShutdown(self, request):
        return empty_pb2.Empty()


class Stub:
    """Has its methods as gRPC's stubs have them: as attributes of the object."""

    def __init__(self, seen):
        self.seen = seen.seen
        for method in ("RegisterResource", "Invoke", "Call", "SignalAndWaitForShutdown"):
            setattr(self, method, getattr(seen, method))


@pytest.mark.parametrize("stub", [False, True])
def test_in_its_place(stub):
    monitor = Stub(OnlyMessages()) if stub else OnlyMessages()
    settings.configure(settings.Settings("p", "s", monitor=monitor))
    settings.SETTINGS.engine = MockEngine(None)
    assert isinstance(settings.get_engine(), MockEngine)
    found = []

    @pulumi.runtime.test
    def run():
        thing = Thing("thing")
        answers = [
            thing.id,
            pulumi.runtime.invoke_output("t:m:f", {}),
            pulumi.runtime.call("t:m:R/method", {"__self__": thing}),
        ]
        return pulumi.Output.all(*answers).apply(found.extend)

    run()
    assert found == ["i-1", {"token": "t:m:f"}, {"called": "t:m:R/method"}]
    assert monitor.seen == ["thing"]


def test_an_engine_that_is_gone():
    class Gone(grpc.RpcError):
        def code(self):
            return grpc.StatusCode.UNAVAILABLE

    class Ended(mocked.MyMocks):
        def new_resource(self, args):
            raise Gone

    pulumi.runtime.set_mocks(Ended())

    @pulumi.runtime.test
    def run():
        Thing("thing")

    with pytest.raises(pulumi.RunError):
        run()


class Built(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("test:index:Built", name)
        self.size = "small"
        self.register_outputs({"size": self.size})


def test_the_constructor_of_resources_is_replaced():
    with unittest.mock.patch("pulumi.ComponentResource.__init__", return_value=None) as made:
        assert Built("built").size == "small"

    made.assert_called_once_with("test:index:Built", "built")


def test_what_the_mocks_understand():
    pulumi.runtime.set_mocks(mocked.MyMocks())
    features = settings.SETTINGS.monitor_features

    assert isinstance(features, set)
    assert resource_pb2.RESOURCE_MONITOR_FEATURE_BYTE_STRING not in features


def test_numbers_are_those_of_the_protocol():
    seen = []

    class Mocks(mocked.MyMocks):
        def new_resource(self, args):
            seen.append(str(args.inputs))
            return "id", {"x": {"ports": [80, True, "80"]}}

        def call(self, args):
            seen.append(str(args.args))
            return {"count": 3}

    pulumi.runtime.set_mocks(Mocks())

    @pulumi.runtime.test
    def run():
        thing = Thing("thing", x={"ports": [80, True, "80"]})
        counted = pulumi.runtime.invoke_output("t:m:count", {"of": 1})
        return pulumi.Output.all(thing.x, counted).apply(lambda found: seen.append(str(found)))

    run()
    assert sorted(seen) == [
        "[{'ports': [80.0, True, '80']}, {'count': 3.0}]",
        "{'of': 1.0}",
        "{'x': {'ports': [80.0, True, '80']}}",
    ]
