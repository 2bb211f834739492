from things import *

a = Thing('a')
def change(args):
    return pulumi.ResourceTransformResult({**args.props, 'more': a.out}, Opts.merge(args.opts, Opts(depends_on=[a])))
Thing('b', Opts(transforms=[change]), x=1)
