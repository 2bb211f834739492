from things import *

pulumi.export('b', 3)
