from things import *

def change(args):
    return pulumi.ResourceTransformResult({**args.props, 'added': 1}, args.opts)
Thing('a', Opts(transforms=[change]), x=1)
