from things import *

Group('g', Opts(protect=True), size=2)
