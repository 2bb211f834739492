from things import *

def change(args):
    if args.custom and args.type_ == 'test:index:Thing':
        return pulumi.ResourceTransformResult({**args.props, 'seen': args.name}, Opts.merge(args.opts, Opts(ignore_changes=['q'])))
pulumi.runtime.register_resource_transform(change)
a = Thing('a', x=1)
Thing('b', x=a.out)
Other('c')
Group('g')
