from things import *

c = pulumi.Config()
Thing('a', x=c.get('text'), n=c.get_int('number'), f=c.get_float('number'), b=c.get_bool('flag'), o=c.get_object('object'), m=c.get('missing', 'default'), s=c.get_secret('hidden'), t=c.require_secret('hidden'))
pulumi.export('other', pulumi.Config('other').require('key'))
