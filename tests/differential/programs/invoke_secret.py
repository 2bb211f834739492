from things import *

found = pulumi.runtime.invoke_output('test:index:find', {'q': Output.secret('s')})
Thing('b', x=found)
