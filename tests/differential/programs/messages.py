from things import *

pulumi.info('i')
pulumi.warn('w')
pulumi.debug('d')
pulumi.log.info('about', Thing('a'))
pulumi.log.info('soon', ephemeral=True)
