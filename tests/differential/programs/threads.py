from things import *
import concurrent.futures
import threading

found = []
thread = threading.Thread(target=lambda: found.append(1))
thread.start()
thread.join()
with concurrent.futures.ThreadPoolExecutor() as pool:
    doubled = list(pool.map(lambda number: number * 2, range(3)))
    a = Thing("a", x=found[0], y=doubled, z=pool.submit(lambda: "later").result())
Thing("b", x=a.out.apply(lambda v: asyncio.to_thread(lambda: v + "!")), y=asyncio.to_thread(lambda: "direct"))
