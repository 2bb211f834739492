from things import *

def change(args):
    return pulumi.InvokeTransformResult({**args.args, 'added': 1}, args.opts)
pulumi.runtime.register_invoke_transform(change)
Thing('b', x=pulumi.runtime.invoke_output('test:index:find', {'q': 1}))
