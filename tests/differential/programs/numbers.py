import json
from typing import Any, Optional, Union
from things import *

@pulumi.output_type
class Size(dict):
    def __init__(self, *, wide, loose=None, each=None):
        pulumi.set(self, 'wide', wide)
        pulumi.set(self, 'loose', loose)
        pulumi.set(self, 'each', each)
    @property
    @pulumi.getter
    def wide(self) -> int: ...
    @property
    @pulumi.getter
    def loose(self) -> Any: ...
    @property
    @pulumi.getter
    def each(self) -> Optional[dict[str, int]]: ...

class Typed(pulumi.CustomResource):
    port: pulumi.Output[int]
    maybe: pulumi.Output[Optional[int]]
    any: pulumi.Output[Any]
    either: pulumi.Output[Union[int, str]]
    text: pulumi.Output[str]
    ports: pulumi.Output[list[int]]
    anys: pulumi.Output[list[Any]]
    bare: pulumi.Output[list]
    sizes: pulumi.Output[dict[str, int]]
    loose: pulumi.Output[dict[str, Any]]
    plain: pulumi.Output[dict]
    size: pulumi.Output[Size]
    def __init__(self, name, opts=None, **props):
        super().__init__('test:index:Thing', name, {'out': None, **props}, opts)

@pulumi.output_type
class Found:
    def __init__(self, args=None):
        pulumi.set(self, 'args', args)
    @property
    @pulumi.getter
    def args(self) -> Size: ...

def tell(label, value):
    pulumi.log.info(f'{label}: {json.dumps(value, sort_keys=True)}')
    return f'{value}' if isinstance(value, float) else None

def told(label, output):
    return output.apply(lambda value: tell(label, value))

def change(args):
    tell('transform', args.props)
    return pulumi.ResourceTransformResult({**args.props, 'label': f"{args.props['x']}"}, args.opts)
def change_call(args):
    tell('invoke transform', args.args)
def hook(args):
    tell('hook', [args.new_inputs, args.new_outputs])
pulumi.runtime.register_invoke_transform(change_call)

whole = {'n': 8080, 'deep': [1, {'a': 2, 'b': [3.0, 2.5, True]}], 'big': 2 ** 53}
a = Thing('a', port=8080, zero=0, below=-3, half=0.5, flag=True, all=whole, hidden=pulumi.Output.secret({'n': 7}))
for name in ('port', 'zero', 'below', 'half', 'flag', 'all', 'hidden'):
    told(f'a.{name}', getattr(a, name))
Thing('text', address=pulumi.Output.concat('host:', a.port.apply(str)), shown=pulumi.Output.format('{0}', a.port),
      json=pulumi.Output.json_dumps(a.all, sort_keys=True), lifted=told('lifted', a.all['deep'][1]['a']))

t = Typed('t', port=1, maybe=2, any=3, either=4, text=5, ports=[6], anys=[7, {'x': 8}], bare=[9], sizes={'x': 10},
          loose={'x': 11, 'y': [12]}, plain={'x': 13}, size={'wide': 14, 'loose': 15, 'each': {'x': 16}}, other=17)
for name in ('port', 'maybe', 'any', 'either', 'text', 'ports', 'anys', 'bare', 'sizes', 'loose', 'plain', 'other'):
    told(f't.{name}', getattr(t, name))
told('t.size', t.size.apply(lambda size: [size.wide, size.loose, size.each]))

found = pulumi.runtime.invoke('test:index:find', {'q': 1, 'l': [2, {'b': 3}]}).value
tell('invoke', found)
typed = pulumi.runtime.invoke('test:index:find', {'wide': 1, 'loose': 2}, typ=Found).value
tell('typed invoke', [typed.args.wide, typed.args.loose])
told('invoke_output', pulumi.runtime.invoke_output('test:index:find', {'q': 1, 'l': [2, {'b': 3}]}))
told('invoke_single', pulumi.runtime.invoke_output_single('test:index:find', {'q': 1}))
told('call', pulumi.runtime.call('test:index:Thing/do', {'__self__': a, 'n': 1}, a))

r = pulumi.StackReference('organization/other/dev')
told('stack port', r.get_output('port'))
told('stack ports', r.require_output('ports'))
told('stack outputs', r.outputs.apply(lambda outputs: outputs['ports']))
async def details():
    return (await r.get_output_details('port')).value
told('details', pulumi.Output.from_input(details()))

after = pulumi.ResourceHook('after', hook)
Thing('b', Opts(transforms=[change], hooks=pulumi.ResourceHookBinding(after_create=[after])), x=1, y={'z': [2]})
told('transformed', pulumi.runtime.invoke_output('test:index:find', {'q': 5}))

known = Thing('read', Opts(id='known-id'), n=4)
told('read.n', known.n)
told('read.count', Typed('read-too', Opts(id='known-id'), port=4).port)
stash = pulumi.Stash("stash", input=5)
told('stash', stash.output)
pulumi.export('port', a.port)
pulumi.export('said', told('said', a.port))
