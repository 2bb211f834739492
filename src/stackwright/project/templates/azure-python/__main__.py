"""What this project deploys to Azure. Change it and run `stackwright up` again."""

from pulumi_azure_native import resources, storage

import stackwright

group = resources.ResourceGroup("group")

account = storage.StorageAccount(
    "storage",
    resource_group_name=group.name,
    sku=storage.SkuArgs(name=storage.SkuName.STANDARD_LRS),
    kind=storage.Kind.STORAGE_V2,
)

stackwright.export("account", account.name)
