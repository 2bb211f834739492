// terraform-provider-vintage is built on Terraform's old SDK and speaks protocol 5.
package main

import (
	"flag"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/plugin"

	"stackwright.test/terraform/internal/faults"
)

const address = "registry.terraform.io/stackwright/vintage"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, and print how to attach")
	flag.Parse()
	if faults.Wanted() {
		served := func() tfprotov5.ProviderServer { return schema.NewGRPCProviderServer(provider()) }
		faults.Serve(5, &tf5server.GRPCProviderPlugin{Name: address, GRPCProvider: served})
		return
	}
	plugin.Serve(&plugin.ServeOpts{
		ProviderFunc: provider,
		Debug:        *debug,
		ProviderAddr: address,
	})
}
