from things import *

r = pulumi.StackReference('organization/other/dev')
Thing('a', x=r.get_output('plain'), y=r.get_output('hidden'), z=r.get_output('missing'))
pulumi.export('required', r.require_output('plain'))
