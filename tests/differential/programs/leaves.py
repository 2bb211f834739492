from things import *

Thing('a')
import sys
sys.exit(4)
