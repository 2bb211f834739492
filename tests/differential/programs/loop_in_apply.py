from things import *


async def later(value):
    await asyncio.sleep(0)
    return value + "!"


def run(value):
    loop = asyncio.new_event_loop()
    coroutine = later(value)
    try:
        return loop.run_until_complete(coroutine)
    except RuntimeError as error:
        coroutine.close()
        return str(error)
    finally:
        loop.close()


def run_elsewhere(value):
    import threading

    found = []
    thread = threading.Thread(target=lambda: found.append(asyncio.run(later(value))))
    thread.start()
    thread.join()
    return found[0]


a = Thing("a", x=1)
Thing("b", x=a.out.apply(run), y=a.out.apply(run_elsewhere), z=a.out.apply(later))
