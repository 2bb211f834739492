// Writes the schema and the metadata that the plugin is built with.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/terraform-providers/terraform-provider-random/bridged/mapping"
)

func main() { tfgen.Main("random", mapping.Provider([]byte("{}"))) }
