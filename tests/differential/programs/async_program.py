from things import *

async def main():
    a = Thing('a')
    await asyncio.sleep(0)
    return {'out': a.out}
pulumi.run(main)
