"""An object that exists is adopted by its id."""

import pulumi
from pulumi import ResourceOptions as Opts
from pulumi_command import local
import pulumi_random as random

random.RandomInteger("n", min=1, max=100, opts=Opts(import_="15,1,100"))
