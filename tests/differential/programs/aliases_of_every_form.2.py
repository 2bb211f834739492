from things import *

group = Group("renamed", Opts(aliases=[Alias(name="group")]), size=0)
Thing("renamed-0", Opts(parent=group, aliases=[Alias(name="group-0")]), n=0)
Thing("by_name2", Opts(aliases=[Alias(name="by_name")]))
Thing("child", Opts(aliases=[Alias(parent=group)]))
Thing("by_output2", Opts(aliases=[Alias(name="by_output", stack=Output.from_input("dev"))]))
Thing("by_type", Opts(aliases=[Alias(type_="test:index:Other")]))
Thing("by_urn2", Opts(aliases=[pulumi.create_urn("by_urn", "test:index:Thing", None)]))
strange = "urn:pulumi:dev::proj::test:index:Thing::strange"
Thing("none_fits", Opts(aliases=[Alias(stack="nowhere"), Alias(project="other"), strange]))
