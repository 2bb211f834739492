from things import *

g = Group('g')
Thing('a', Opts(parent=g, aliases=[Alias(parent=ROOT_STACK_RESOURCE)]), x=1)
