from things import *

Group('new', Opts(aliases=[Alias(name='old')]), size=2)
