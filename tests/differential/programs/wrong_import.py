from things import *

Thing('a', Opts(import_='nowhere'))
