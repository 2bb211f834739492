from things import *

outer = Group('outer')
inner = Group('inner', Opts(parent=outer))
Thing('leaf', Opts(parent=inner), x=outer.things[0].out)
