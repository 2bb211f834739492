from things import *

pulumi.Stash('s', input={'k': 1})
