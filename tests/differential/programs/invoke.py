from things import *

found = pulumi.runtime.invoke('test:index:find', {'q': 1, 'l': ['a', {'b': None}]}).value
Thing('a', x=found['args'])
