from things import *

async def hook(args):
    await asyncio.sleep(0)
Thing('a', Opts(hooks=pulumi.ResourceHookBinding(before_create=[hook], after_create=[hook])))
