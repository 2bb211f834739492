from things import *

@pulumi.output_type
class Found:
    def __init__(self, n=None):
        pulumi.set(self, 'n', n)
    @property
    @pulumi.getter
    def n(self) -> int: ...

p = Provider('p')
a, b = Thing('a', Opts(provider=p), n=1), Thing('b', s=Output.secret('s'))

def told(label, output):
    async def tell():
        value = await output.future()
        pulumi.log.info(f'{label}: {value!r} {await output.is_known()} {await output.is_secret()} '
                        f'{sorted([await r.urn.future() for r in await output.resources()])}')
    return Output.from_input(tell())

def echo(args, of=a, **more):
    return pulumi.runtime.call('test:index:Thing/echo', {'__self__': of, **args} if of else args, of, **more)

async def later(value):
    return value

told('plain', echo({'n': 1}))
told('none', echo({'n': None}))
told('output', echo({'n': a.n}))
told('out', echo({'out': a.out}))
told('secret', echo({'s': b.s}))
told('deep', echo({'deep': [{'s': Output.secret(1)}]}))
told('resource', echo({'r': b.id}))
told('awaitable', echo({'n': later(2)}))
told('static', echo({'n': 1}, None))
told('of the other', echo({'n': 3}, b))
told('typed', echo({'n': 4}, typ=Found).n)
told('single', pulumi.runtime.call_single('test:index:Thing/echo', {'n': 5}))
Thing('c', x=echo({'n': b.s}))
