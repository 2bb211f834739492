from things import *

group = Group("group", size=1)
Thing("by_name")
Thing("child", Opts(parent=group))
Thing("by_output")
Other("by_type")
Thing("by_urn")
Thing("none_fits")
