from things import *

Thing('a', Opts(custom_timeouts=pulumi.CustomTimeouts(create='1h30m', update='5m', delete='10s')))
