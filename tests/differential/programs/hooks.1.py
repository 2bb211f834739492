from things import *

def hook(args):
    pulumi.log.info(f'{args.name} {sorted(args.new_inputs or {})}')
before = pulumi.ResourceHook('before', hook)
after = pulumi.ResourceHook('after', hook, pulumi.ResourceHookOptions(on_dry_run=True))
Thing('a', Opts(hooks=pulumi.ResourceHookBinding(before_create=[before], after_create=[after], after_update=[after])), x=1)
