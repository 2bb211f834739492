// terraform-provider-modern is built on Terraform's plugin framework and speaks protocol 6.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"stackwright.test/terraform/internal/faults"
)

const address = "registry.terraform.io/stackwright/modern"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, and print how to attach")
	flag.Parse()
	if faults.Wanted() {
		faults.Serve(6, &tf6server.GRPCProviderPlugin{Name: address, GRPCProvider: providerserver.NewProtocol6(&modern{})})
		return
	}
	err := providerserver.Serve(
		context.Background(),
		func() provider.Provider { return &modern{} },
		providerserver.ServeOpts{Address: address, Debug: *debug},
	)
	if err != nil {
		log.Fatal(err)
	}
}
