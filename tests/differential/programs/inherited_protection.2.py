from things import *

Group('g', Opts(protect=False), size=2)
