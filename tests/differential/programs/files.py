from things import *

open('data.txt', 'w').write('data')
Thing('a', x=pulumi.FileAsset('data.txt'), y=pulumi.AssetArchive({'f': pulumi.FileAsset('data.txt')}))
