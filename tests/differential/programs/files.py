from things import *

with open("data.txt", "w") as file:
    file.write("data")
Thing("a", x=pulumi.FileAsset("data.txt"), y=pulumi.AssetArchive({"f": pulumi.FileAsset("data.txt")}))
