// The plugin: Terraform's provider `random` behind the genuine bridge.
package main

import (
	"context"
	_ "embed"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/terraform-providers/terraform-provider-random/bridged/mapping"
)

//go:embed schema.json
var schema []byte

//go:embed bridge-metadata.json
var metadata []byte

func main() {
	pf.Main(context.Background(), "random", mapping.Provider(metadata), pf.ProviderMetadata{PackageSchema: schema})
}
