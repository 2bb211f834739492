from things import *

def again(args):
    return len(args.errors) < 3
Thing('a', Opts(hooks=pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook('again', again)])), fails=2)
