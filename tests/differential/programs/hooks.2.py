from things import *

def hook(args):
    pulumi.log.info(f'{args.name} {sorted(args.new_inputs or {})}')
after = pulumi.ResourceHook('after', hook)
Thing('a', Opts(hooks=pulumi.ResourceHookBinding(after_update=[after])), x=2)
