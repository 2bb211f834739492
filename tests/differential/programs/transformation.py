from things import *

def change(args):
    return pulumi.ResourceTransformationResult({**args.props, 'added': 1}, args.opts)
Thing('a', Opts(transformations=[change]), x=1)
Group('g', Opts(transformations=[change]))
