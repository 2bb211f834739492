from things import *


async def shown(value):
    if isinstance(value, Output):
        return ["secret" if await value.is_secret() else "plain", await value.future()]
    if isinstance(value, dict):
        return {name: await shown(one) for name, one in sorted(value.items())}
    return value if isinstance(value, (str, int, float)) or value is None else type(value).__name__


async def tell(args):
    bags = {
        name: await shown(getattr(args, name))
        for name in ("new_inputs", "old_inputs", "new_outputs", "old_outputs")
    }
    pulumi.log.info(f"{args.name} {args.type} {args.urn} {args.id != ''} {bags}")


def refused(args):
    pulumi.log.info(f"{args.name} {args.failed_operation} {args.errors != []} {sorted(vars(args))}")
    return False


before = pulumi.ResourceHook("before", tell, pulumi.ResourceHookOptions(on_dry_run=True))
after = pulumi.ResourceHook("after", tell)
failing = pulumi.ErrorHook("failing", refused)
first = Thing("first")
binding = pulumi.ResourceHookBinding
a = Thing(
    "a",
    Opts(hooks=binding(before_create=[before], after_create=[after])),
    hidden=Output.secret("s"),
    some_thing=[1, {"b": first.out}],
    nothing=None,
)
Thing("b", Opts(depends_on=[a], hooks=binding(on_error=[failing])), fails=1)
