from things import *


def fewer(args):
    """What is left out of the options is lost; names of properties go as they are."""
    return pulumi.ResourceTransformResult(args.props, Opts(ignore_changes=["some_thing"], version="2.0.0"))


def without(args):
    """False does not take back what the program has asked for, nor does None."""
    opts = args.opts
    opts.delete_before_replace, opts.retain_on_delete, opts.protect = False, False, False
    return pulumi.ResourceTransformResult({"only": 1}, opts)


def only_properties(args):
    return pulumi.ResourceTransformResult({**args.props, "added": Output.secret("s")}, args.opts)


def nothing(args):
    return None


Thing("fewer", Opts(transforms=[fewer], protect=True, additional_secret_outputs=["out"]), x=1)
Thing("without", Opts(transforms=[without], delete_before_replace=True, retain_on_delete=True, protect=True), x=1)
Thing("properties", Opts(transforms=[only_properties], ignore_changes=["x"]), x=1)
Thing("nothing", Opts(transforms=[nothing], protect=True, version="1.0.0"), x=1)
