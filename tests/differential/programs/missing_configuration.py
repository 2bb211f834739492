from things import *

pulumi.Config().require('never')
