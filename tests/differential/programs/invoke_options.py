from things import *

p = Provider('p')
found = pulumi.runtime.invoke_output('test:index:find', {'q': 1}, InvokeOptions(provider=p, version='1.0.0'))
Thing('b', x=found)
