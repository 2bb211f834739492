from things import *


def exists(id_, **options):
    return pulumi.runtime.exists_resource(None, "test:index:Thing", id_, {}, Opts(**options))


made = Thing("made", x=exists("known-id"), y=exists("nowhere"))
Thing("after", x=exists(made.id), y=pulumi.Output.all(exists("known-id"), made.id).apply(lambda all: all[0]))
pulumi.export("there", exists("known-id", version="1.2.3"))
