from things import *
import sys

Thing("a")
sys.exit(0)
