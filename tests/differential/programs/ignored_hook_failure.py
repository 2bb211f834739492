from things import *

def hook(args):
    raise ValueError('not today')
h = pulumi.ResourceHook('h', hook, pulumi.ResourceHookOptions(ignore_errors=True))
Thing('a', Opts(hooks=pulumi.ResourceHookBinding(before_create=[h])))
