from things import *


async def main():
    value = await Thing("a", x=1).out.future()
    await asyncio.gather(*(asyncio.sleep(0) for _ in range(3)))
    async with asyncio.timeout(5):
        await asyncio.sleep(0)
    b = Thing("b", x=value)
    queue = asyncio.Queue()

    async def produce():
        await queue.put(await b.out.future())

    async with asyncio.TaskGroup() as group:
        group.create_task(produce())
        c = Thing("c", x=await queue.get())
    return {"done": c.out}


pulumi.run(main)
