from things import *

pulumi.export('a', 1)
pulumi.export('b', 2)
