from things import *

a = Thing('a')
found = pulumi.runtime.invoke_output('test:index:find', {'q': 1}, InvokeOutputOptions(depends_on=[a]))
Thing('b', x=found)
