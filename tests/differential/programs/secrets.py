from things import *

Thing('a', x=Output.secret('s'), y={'k': Output.secret([1])}, z=[Output.secret(None)])
