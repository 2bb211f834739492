"""A provider of custom resources, written against `pulumi.provider.experimental`: items in a folder."""

import json
import os
import sys
import uuid
from pathlib import Path

import pulumi
from pulumi.provider.experimental import provider as p
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.provider.experimental.server import main

FOLDER = Path(os.environ["STORE_PATH"])


def bare(value):
    """A value without what is known about it."""
    if isinstance(value.value, Computed):
        return value.value
    if isinstance(value.value, tuple):
        return [bare(item) for item in value.value]
    if isinstance(value.value, (pulumi.Asset, pulumi.Archive)):
        return vars(value.value)
    if hasattr(value.value, "items"):
        return {key: bare(item) for key, item in value.value.items()}
    return value.value


def same(one, other):
    return (one is None) == (other is None) and (one is None or bare(one) == bare(other))


class Made(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("store:index:Made", name, {}, opts)
        self.register_outputs({})


class Store(p.Provider):
    prefix = "item"

    async def get_schema(self, request):
        asked = [request.version, request.subpackage_name]
        schema = {"name": "store", "resources": {"store:index:Item": {}}, "meta": {"asked": asked}}
        return p.GetSchemaResponse(json.dumps(schema))

    async def parameterize(self, request):
        if isinstance(request.parameters, p.ParametersArgs):
            return p.ParameterizeResponse(request.parameters.args[0], "2.0.0")
        return p.ParameterizeResponse(request.parameters.name, request.parameters.version)

    async def check_config(self, request):
        if "wrong" in request.new_inputs:
            return p.CheckResponse(failures=[p.CheckFailure("wrong", "is not known")])
        return p.CheckResponse(request.new_inputs)

    async def diff_config(self, request):
        changed = request.old_state != request.new_inputs
        return p.DiffResponse(changes=changed, replaces=["prefix"] if changed else [])

    async def configure(self, request):
        if "prefix" in request.args:
            self.prefix = request.args["prefix"].value
        return p.ConfigureResponse(
            accept_secrets=True, supports_preview=True, accept_resources=True, accept_outputs=True
        )

    async def check(self, request):
        value = request.new_inputs.get("value")
        if value is None or not isinstance(value.value, (str, Computed)):
            return p.CheckResponse(request.new_inputs, [p.CheckFailure("value", "must be a text")])
        inputs = dict(request.new_inputs)
        if "name" not in inputs:
            old = request.old_inputs.get("name")
            inputs["name"] = old or PropertyValue(f"{request.name}-{request.random_seed.hex()[:6]}")
        return p.CheckResponse(inputs)

    async def diff(self, request):
        names = sorted({*request.old_state, *request.new_inputs} - {"length"} - set(request.ignore_changes))
        changed = [n for n in names if not same(request.old_state.get(n), request.new_inputs.get(n))]
        replaces = [name for name in changed if name in ("fixed", "name")]

        def kind(name):
            found = p.PropertyDiffKind.UPDATE
            if name not in request.old_state:
                found = p.PropertyDiffKind.ADD
            if name not in request.new_inputs:
                found = p.PropertyDiffKind.DELETE
            return p.PropertyDiffKind[found.name + "_REPLACE"] if name in replaces else found

        return p.DiffResponse(
            changes=bool(changed),
            replaces=replaces,
            diffs=changed,
            stables=["name"],
            delete_before_replace="fixed" in changed,
            detailed_diff={name: p.PropertyDiff(kind(name), input_diff=False) for name in changed},
        )

    def outputs(self, inputs):
        value = inputs["value"]
        if isinstance(value.value, Computed):
            return {**inputs, "length": PropertyValue.computed()}
        return {**inputs, "length": PropertyValue(float(len(value.value)), is_secret=value.is_secret)}

    def write(self, id_, outputs):
        from google.protobuf import json_format

        (FOLDER / id_).write_text(json_format.MessageToJson(PropertyValue.marshal_map(outputs)))

    async def create(self, request):
        outputs = self.outputs(request.properties)
        if request.preview:
            return p.CreateResponse(properties=outputs)
        if bare(request.properties["value"]) == "fails":
            raise ValueError("no item today")
        id_ = f"{self.prefix}-{uuid.uuid4()}"
        self.write(id_, outputs)
        return p.CreateResponse(id_, outputs)

    async def read(self, request):
        from google.protobuf import json_format, struct_pb2

        file = FOLDER / request.resource_id
        if not file.exists():
            return p.ReadResponse()
        outputs = PropertyValue.unmarshal_map(json_format.Parse(file.read_text(), struct_pb2.Struct()))
        inputs = {name: value for name, value in outputs.items() if name != "length"}
        return p.ReadResponse(request.resource_id, outputs, inputs)

    async def update(self, request):
        outputs = self.outputs(request.news)
        if not request.preview:
            self.write(request.resource_id, outputs)
        return p.UpdateResponse(outputs)

    async def delete(self, request):
        (FOLDER / request.resource_id).unlink(missing_ok=True)

    async def invoke(self, request):
        if request.tok == "store:index:fail":
            raise ValueError("no function today")
        if not isinstance(request.args.get("text", PropertyValue("")).value, str):
            return p.InvokeResponse(failures=[p.CheckFailure("text", "must be a text")])
        return p.InvokeResponse(request.args)

    async def construct(self, request):
        made = Made(request.name, request.options)
        urn = await made.urn.future()
        state = {**request.inputs, "more": PropertyValue("x", is_secret=True, dependencies=[urn])}
        return p.ConstructResponse(urn, {**state, "id": PropertyValue("no")}, {})

    async def call(self, request):
        return p.CallResponse({**request.args, "stack": PropertyValue(pulumi.get_stack())})


if __name__ == "__main__":
    main(sys.argv[1:], "3.2.1", Store())
