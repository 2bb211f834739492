from things import *

async def change(args):
    await asyncio.sleep(0)
    return pulumi.ResourceTransformResult({**args.props, 'late': True}, args.opts)
Thing('a', Opts(transforms=[change]), x=Output.secret(1))
