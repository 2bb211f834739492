"""`StackReference`: the outputs of another stack (sdk.md §14)."""

from __future__ import annotations

from typing import Any

from stackwright.sdk._source import note_site, users_line
from stackwright.sdk.output import Input, Output
from stackwright.sdk.resource import CustomResource, ResourceOptions, copy_options


class StackReferenceOutputDetails:
    """One output of another stack: exactly one of the two is set, none if it is unknown or missing."""

    value: Any | None
    secret_value: Any | None

    def __init__(self, value: Any | None = None, secret_value: Any | None = None) -> None:
        self.value = value
        self.secret_value = secret_value


class MissingOutputError(KeyError):
    """A stack that a program refers to does not have the output that it requires."""

    def __init__(self, name: str, stack: str, others: tuple[str, ...]) -> None:
        super().__init__(name)
        self.stack = stack
        self.others = others

    def __str__(self) -> str:
        has = ", ".join(f"`{other}`" for other in sorted(self.others)) or "none at all"
        return f"the stack `{self.stack}` has no output `{self.args[0]}`; it has {has}"


class StackReference(CustomResource):
    """Another stack, read when the program runs."""

    name: Output[str]
    outputs: Output[dict[str, Any]]
    secret_output_names: Output[list[str]]

    def __init__(self, name: str, stack_name: str | None = None, opts: ResourceOptions | None = None) -> None:
        self._target = target = stack_name or name
        opts = ResourceOptions() if opts is None else copy_options(opts)
        opts.id = target
        super().__init__(
            "pulumi:pulumi:StackReference",
            name,
            {"name": target, "outputs": None, "secret_output_names": None},
            opts,
        )

    def get_output(self, name: Input[str]) -> Output[Any]:
        """An output of the other stack; None if it has none of this name."""
        value = Output.all(name, self.outputs).apply(lambda both: both[1].get(both[0]))
        return _sealed(value, self._is_secret(name))

    def require_output(self, name: Input[str]) -> Output[Any]:
        """
        An output of the other stack.

        Raises:
            MissingOutputError: It has none of this name; the output fails with that.
        """
        site = users_line()

        def find(both: list[Any]) -> Any:
            wanted, outputs = both[0], both[1] or {}
            if wanted in outputs:
                return outputs[wanted]
            error = MissingOutputError(wanted, self._target, tuple(outputs))
            note_site(error, site)
            raise error

        value = Output.all(name, self.outputs).apply(find)
        return _sealed(value, self._is_secret(name))

    async def get_output_details(self, name: str) -> StackReferenceOutputDetails:
        """An output as plain data, for async code, with its secretness."""
        output = self.get_output(name)
        value = await output.future()
        if value is None or not await output.is_known():
            return StackReferenceOutputDetails()
        if await output.is_secret():
            return StackReferenceOutputDetails(secret_value=value)
        return StackReferenceOutputDetails(value=value)

    def translate_output_property(self, prop: str) -> str:
        """The one property whose names differ."""
        return "secret_output_names" if prop == "secretOutputNames" else prop

    def _is_secret(self, name: Input[str]) -> Output[bool | None]:
        """Whether this output is secret by its name; None if the secret names are not known."""
        # The list of names is no secret, whatever the outputs are.
        names = Output.unsecret(self.secret_output_names)
        return Output.all(name, names).apply(lambda both: None if both[1] is None else both[0] in both[1])


def _sealed(value: Output[Any], secret: Output[bool | None]) -> Output[Any]:
    """*value*, secret as *secret* says; where that says nothing, as it is (all outputs in one bag)."""

    def decide(is_secret: bool | None) -> Output[Any]:
        if is_secret is None:
            return value
        return Output.secret(value) if is_secret else Output.unsecret(value)

    return Output.unsecret(secret).apply(decide, True)
