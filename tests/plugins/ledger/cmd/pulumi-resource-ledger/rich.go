package main

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
)

// Rich has a property of every kind there is.
type Rich struct{}

// Grade is an enum of strings.
type Grade string

// Values lists the enum.
func (Grade) Values() []infer.EnumValue[Grade] {
	return []infer.EnumValue[Grade]{
		{Name: "Small", Value: "small", Description: "little"},
		{Name: "Large", Value: "large", Description: "much"},
	}
}

// Level is an enum of numbers.
type Level int

// Values lists the enum.
func (Level) Values() []infer.EnumValue[Level] {
	return []infer.EnumValue[Level]{{Name: "Low", Value: 1}, {Name: "High", Value: 10}}
}

// Port is an object within an object.
type Port struct {
	Number   int     `pulumi:"number"`
	Protocol *string `pulumi:"protocol,optional"`
}

// Annotate gives the nested default.
func (p *Port) Annotate(a infer.Annotator) { a.SetDefault(&p.Protocol, "tcp") }

// Spec is a nested object.
type Spec struct {
	Image    string            `pulumi:"image"`
	Replicas *int              `pulumi:"replicas,optional"`
	Ports    []Port            `pulumi:"ports,optional"`
	Env      map[string]string `pulumi:"env,optional"`
	Key      *string           `pulumi:"key,optional" provider:"secret"`
}

// RichArgs are the inputs. A change of title replaces.
type RichArgs struct {
	Common
	Name     *string                         `pulumi:"name,optional"`
	Title    string                          `pulumi:"title" provider:"replaceOnChanges"`
	Grade    *Grade                          `pulumi:"grade,optional"`
	Level    *Level                          `pulumi:"level,optional"`
	Spec     *Spec                           `pulumi:"spec,optional"`
	Specs    []Spec                          `pulumi:"specs,optional"`
	Index    map[string]Spec                 `pulumi:"index,optional"`
	Matrix   [][]float64                     `pulumi:"matrix,optional"`
	Password *string                         `pulumi:"password,optional" provider:"secret"`
	Pin      *int                            `pulumi:"pin,optional" provider:"secret"`
	Document any                             `pulumi:"document,optional"`
	Source   *types.AssetOrArchive           `pulumi:"source,optional"`
	Files    []types.AssetOrArchive          `pulumi:"files,optional"`
	Parts    map[string]types.AssetOrArchive `pulumi:"parts,optional"`
}

// Endpoint is a nested output.
type Endpoint struct {
	Host string `pulumi:"host"`
	Port int    `pulumi:"port"`
}

// RichState adds outputs, one of them always secret.
type RichState struct {
	RichArgs
	Token    string            `pulumi:"token" provider:"secret"`
	Endpoint Endpoint          `pulumi:"endpoint"`
	Counts   map[string]int    `pulumi:"counts"`
	Labels   map[string]string `pulumi:"labels"`
}

// Annotate names the type.
func (Rich) Annotate(a infer.Annotator) { a.SetToken("index", "Rich") }

// WireDependencies makes the token secret always, and the labels as secret as the password.
func (Rich) WireDependencies(f infer.FieldSelector, args *RichArgs, state *RichState) {
	f.OutputField(&state.Token).AlwaysSecret()
	f.OutputField(&state.Token).DependsOn(f.InputField(args).Computed())
	f.OutputField(&state.Endpoint).DependsOn(f.InputField(&args.Title))
	f.OutputField(&state.Counts).DependsOn(f.InputField(args).Computed())
	f.OutputField(&state.Labels).DependsOn(f.InputField(&args.Password))
	f.OutputField(&state.Password).AlwaysSecret()
	f.OutputField(&state.Pin).AlwaysSecret()
}

func richState(args RichArgs) RichState {
	return RichState{
		RichArgs: args,
		Token:    "token-of-" + args.Title,
		Endpoint: Endpoint{Host: args.Title + ".example", Port: 443},
		Counts:   map[string]int{"specs": len(args.Specs), "index": len(args.Index), "files": len(args.Files)},
		Labels:   map[string]string{"length": fmt.Sprint(len(valueOr(args.Password, "")))},
	}
}

// Create makes one.
func (Rich) Create(_ context.Context, req infer.CreateRequest[RichArgs]) (infer.CreateResponse[RichState], error) {
	return infer.CreateResponse[RichState]{
		ID: newID(req.DryRun, valueOr(req.Inputs.Name, req.Name)), Output: richState(req.Inputs),
	}, nil
}

// Update changes it in place.
func (Rich) Update(
	_ context.Context, req infer.UpdateRequest[RichArgs, RichState],
) (infer.UpdateResponse[RichState], error) {
	return infer.UpdateResponse[RichState]{Output: richState(req.Inputs)}, nil
}
