from things import *

a = Thing('a')
pulumi.export('a', a.id)
raise pulumi.RunError('wrong')
