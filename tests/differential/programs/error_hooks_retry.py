from things import *

calls = []


def again(args):
    calls.append(args.failed_operation)
    pulumi.log.info(f"{args.name} {args.failed_operation} {len(args.errors)}")
    return len(calls) < 3


async def never(args):
    await asyncio.sleep(0)
    return False


hooks = [pulumi.ErrorHook("again", again), pulumi.ErrorHook("never", never)]
Thing("a", Opts(hooks=pulumi.ResourceHookBinding(on_error=hooks)), fails=2)
