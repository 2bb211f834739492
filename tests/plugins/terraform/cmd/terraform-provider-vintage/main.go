// terraform-provider-vintage is built on Terraform's old SDK and speaks protocol 5.
package main

import (
	"flag"

	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"
)

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, and print how to attach")
	flag.Parse()
	plugin.Serve(&plugin.ServeOpts{
		ProviderFunc: provider,
		Debug:        *debug,
		ProviderAddr: "registry.terraform.io/stackwright/vintage",
	})
}
