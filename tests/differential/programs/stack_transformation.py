from things import *

def change(args):
    if args.type_ == 'test:index:Thing':
        return pulumi.ResourceTransformationResult({**args.props, 'added': 1}, Opts.merge(args.opts, Opts(protect=False)))
pulumi.runtime.register_stack_transformation(change)
Thing('a', x=1)
Other('b')
