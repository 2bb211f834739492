"""
Words that pet names are put together from: our own choice.

Short, friendly, and safe to say in front of a customer.
"""

from __future__ import annotations

from typing import Final

_ADVERBS: Final = """
    ably airily aptly boldly brightly briskly calmly cheerily clearly coolly daily dearly deftly duly
    eagerly easily evenly fairly finely firmly fondly freely gently gladly happily highly justly keenly
    kindly largely lightly loudly merrily mildly mostly neatly nicely nobly openly partly plainly promptly
    purely quietly rarely readily really richly rightly safely sharply simply smoothly softly solely
    steadily strongly subtly surely swiftly tidily truly vastly vividly warmly wholly widely wisely
"""

_ADJECTIVES: Final = """
    able agile amber ample azure bold brave breezy bright brisk bronze calm candid cheery civil clear
    clever coastal copper coral cosmic cosy crisp curious daring dapper deep eager early easy elegant even
    fair fancy fast fearless fine fleet fluent fond frank free fresh gentle giddy glad golden grand green
    handy happy hardy hazel honest humble ideal ivory jolly jovial keen kind lasting light lively loyal
    lucid lucky lunar magic mellow merry mighty mild misty modest neat nimble noble novel olive open
    patient peachy placid playful plucky polar polite proud quick quiet rapid ready regal robust rosy
    ruby rustic sandy scarlet serene sharp shiny silent silver sleek smart smooth snowy social solar solid
    sound spry stable steady stellar still stout sturdy sunny super sure swift tactful tender tidy tough
    tranquil trim true trusty upbeat urban valiant vast velvet vivid warm watchful whole willing winged
    wise witty worthy young zesty
"""

_ANIMALS: Final = """
    albatross alpaca ant antelope auk badger bat bear beaver bee beetle bison bobcat buck buffalo bullfinch
    camel caribou carp cat cheetah chough cicada clam cod collie condor coot corgi cougar cow crab crane
    cricket crow cub deer dingo dipper dog dolphin donkey dove drake duck dunlin eagle eel egret eland elk
    emu ermine falcon fawn ferret finch firefly flamingo foal fox frog gannet gazelle gecko gibbon giraffe
    gnu goat goldfinch goose grouse guillemot gull hare hawk hedgehog heron herring hippo hornet horse hound
    husky ibex ibis iguana impala jackal jackdaw jaguar jay kestrel kingfisher kite kitten kiwi koala koi
    ladybird lamb lark lemming lemur leopard limpet linnet lion lizard llama lobster lynx macaw magpie
    mallard manatee marlin marmot marten martin meerkat merlin mink mole moose moth mouse mule mussel
    narwhal newt ocelot octopus okapi opossum orca oriole osprey otter owl ox oyster panda panther parrot
    partridge pelican penguin perch pheasant pigeon pike plover pony porpoise puffin puma pup quail rabbit
    raccoon raven reindeer rhino robin rook salmon seal shark sheep shrew shrimp skate sloth snail snipe
    sparrow squid squirrel stag starling stoat stork swallow swan swift tapir tern terrier thrush tiger
    toad toucan trout tuna turtle viper vole wagtail walrus weasel whale wolf wombat wren yak zebra
"""

ADVERBS: Final = tuple(_ADVERBS.split())
ADJECTIVES: Final = tuple(_ADJECTIVES.split())
ANIMALS: Final = tuple(_ANIMALS.split())
