from things import *

seen = {}


def described(args):
    opts = vars(args.opts)
    set_ones = {name: type(value).__name__ for name, value in opts.items() if value is not None}
    many = {
        name: [type(one).__name__ for one in opts[name]]
        for name in ("depends_on", "aliases", "replace_with", "ignore_changes")
        if isinstance(opts.get(name), list)
    }
    for name in ("provider", "providers", "hooks", "custom_timeouts", "replacement_trigger"):
        set_ones.pop(name, None)  # written below; or there in any case, in the genuine SDK
    return [args.custom, args.type_, args.name, sorted(args.props or {}), sorted(set_ones), many]


def look(args):
    seen[args.name] = described(args)


def hook(args):
    return None


async def options(args):
    opts = args.opts
    seen["values"] = [
        await opts.parent.urn.future(),
        [await one.urn.future() for one in opts.depends_on],
        await opts.deleted_with.urn.future(),
        opts.protect, opts.version, opts.ignore_changes, opts.replace_on_changes, opts.import_,
        opts.additional_secret_outputs, opts.retain_on_delete, opts.delete_before_replace,
        opts.plugin_download_url, [vars(opts.custom_timeouts)[name] for name in ("create", "delete")],
        [type(one).__name__ for one in opts.aliases],
        [one.name for one in opts.hooks.before_create], type(opts.provider).__name__,
        await opts.provider.urn.future(),
    ]


async def secrets(args):
    hidden = args.props["hidden"]
    seen["secrets"] = [isinstance(hidden, Output), await hidden.is_secret(), await hidden.future()]
    seen["keys"] = sorted(args.props)


first = Thing("first")
group = Group("group", size=0)
other = Provider("other")
named = pulumi.ResourceHook("named", hook)
plain = Thing("plain", Opts(transforms=[look]), x=1)
full = Thing(
    "full",
    Opts(
        transforms=[look, options],
        parent=group,
        depends_on=[first],
        deleted_with=first,
        protect=True,
        version="1.2.3",
        plugin_download_url="https://example.com",
        ignore_changes=["someThing"],
        replace_on_changes=["x"],
        additional_secret_outputs=["out"],
        retain_on_delete=True,
        delete_before_replace=True,
        custom_timeouts=pulumi.CustomTimeouts(create="1m", delete="90s"),
        aliases=[Alias(name="was"), "urn:pulumi:dev::proj::test:index:Thing::ever"],
        hooks=pulumi.ResourceHookBinding(before_create=[named]),
        provider=other,
    ),
    x=1,
)
last = Thing("secret", Opts(transforms=[secrets]), hidden=Output.secret("s"), some_thing=1)
component = Group("component", Opts(transforms=[look], providers=[other]), size=0, given=1)


every = [each.urn for each in (first, group, plain, full, last, component)]
pulumi.export("seen", Output.all(*every).apply(lambda _: seen))
