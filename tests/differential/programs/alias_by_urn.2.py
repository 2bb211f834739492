from things import *

urn = f'urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::test:index:Thing::old'
Thing('new', Opts(aliases=[urn]), x=1)
