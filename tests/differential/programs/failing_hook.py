from things import *

def hook(args):
    raise ValueError('not today')
Thing('a', Opts(hooks=pulumi.ResourceHookBinding(before_create=[pulumi.ResourceHook('h', hook)])))
