from things import *

def add(text):
    def change(args):
        return pulumi.ResourceTransformResult({**args.props, 'order': args.props.get('order', '') + text}, args.opts)
    return change
pulumi.runtime.register_resource_transform(add('stack'))
g = Group('g', Opts(transforms=[add('parent')]))
Thing('a', Opts(parent=g, transforms=[add('own')]))
