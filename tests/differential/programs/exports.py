from things import *

a = Thing('a')
pulumi.export('plain', 1)
pulumi.export('nothing', None)
pulumi.export('output', a.out)
pulumi.export('nested', {'l': [a.id, {'s': Output.secret(1)}], 'n': None})
pulumi.export('resource', a)
pulumi.export('asset', pulumi.StringAsset('t'))
