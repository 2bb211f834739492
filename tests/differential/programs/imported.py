from things import *

Thing('a', Opts(import_='known-id'), x='known')
