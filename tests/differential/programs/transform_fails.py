from things import *


def refuse(args):
    raise LookupError("refused by the transform")


Thing("a", Opts(transforms=[refuse]))
