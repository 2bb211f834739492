from things import *

p, q = Provider("p", region="r"), Provider("q", region="s")
g = Group("g", Opts(providers={"test": p}), size=2)
h = Group("h", Opts(providers=[q]), size=1)
Group("k", Opts(provider=p), size=1)
Thing("x", Opts(parent=g, provider=q))
Thing("y", Opts(parent=h))
pulumi.export("found", pulumi.runtime.invoke("test:index:find", {"a": 1}, InvokeOptions(parent=h)).value)
