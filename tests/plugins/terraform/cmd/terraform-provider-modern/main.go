// terraform-provider-modern is built on Terraform's plugin framework and speaks protocol 6.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, and print how to attach")
	flag.Parse()
	err := providerserver.Serve(
		context.Background(),
		func() provider.Provider { return &modern{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/stackwright/modern", Debug: *debug},
	)
	if err != nil {
		log.Fatal(err)
	}
}
