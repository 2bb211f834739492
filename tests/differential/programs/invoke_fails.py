from things import *

try:
    pulumi.runtime.invoke('test:index:broken', {}).value
except Exception as error:
    Thing('b', x=type(error).__name__)
