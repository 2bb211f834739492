from things import *

async def later():
    await asyncio.sleep(0)
    return 'v'
Thing('a', x=later(), y=[later()])
