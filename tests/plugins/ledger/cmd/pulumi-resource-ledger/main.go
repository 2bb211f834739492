// pulumi-resource-ledger is a provider plugin for tests, made with the genuine Go framework.
//
// It manages things in a ledger (see the book package) and can show every kind of answer a plugin may give. What it
// offers is described in the README of the folder above the module.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"stackwright.test/ledger/internal/book"
)

const name = "ledger"

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	framework := infer.Provider(infer.Options{
		Resources: []infer.InferredResource{
			infer.Resource(Record{}),
			infer.Resource(Rich{}),
			infer.Resource(Slot{}),
			infer.Resource(Shape{}),
			infer.Resource(Strict{}),
			infer.Resource(Fixed{}),
		},
		Components: []infer.InferredComponent{infer.Component(Bundles{})},
		Functions: []infer.InferredFunction{
			infer.Function(Echo{}),
			infer.Function(Lookup{}),
			infer.Function(Refuse{}),
			infer.Function(Reveal{}),
			infer.Function(Surroundings{}),
		},
		Config: infer.Config(&Config{}),
	})
	cloud := &cloud{}
	if err := cloud.start(); err != nil {
		return err
	}
	factory := p.RawServer(name, book.Version(), cloud.wrap(framework))
	err := provider.Main(name, func(host *provider.HostClient) (rpc.ResourceProviderServer, error) {
		inner, err := factory(host)
		if err != nil {
			return nil, err
		}
		return &server{ResourceProviderServer: inner, host: host}, nil
	})
	cloud.stop(context.Background())
	return err
}
