from things import *

Provider('p', Opts(env_var_mappings={'MINE': 'THEIRS'}))
