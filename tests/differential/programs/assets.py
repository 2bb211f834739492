from things import *

Thing('a', x=pulumi.StringAsset('text'), y=pulumi.AssetArchive({'f': pulumi.StringAsset('in'), 'd': pulumi.AssetArchive({'g': pulumi.StringAsset('deep')})}))
