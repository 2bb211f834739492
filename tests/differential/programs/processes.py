from things import *
import multiprocessing
import subprocess
import sys


def square(number):
    return number * number


context = multiprocessing.get_context("fork")
with context.Pool(2) as pool:
    squares = pool.map(square, [1, 2, 3])
printed = subprocess.check_output([sys.executable, "-c", "print(5)"], text=True).strip()
a = Thing("a", x=squares, y=printed)
Thing("b", x=a.out.apply(lambda v: subprocess.check_output(["echo", v], text=True)))
