from things import *

class Known(pulumi.CustomResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Thing", name, {"out": None}, opts)


known = Known("known", Opts(id="known-id"))
Thing("b", x=known.id)
