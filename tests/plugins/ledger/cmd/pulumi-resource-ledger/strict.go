package main

import (
	"context"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// Strict is particular about its inputs and reports everything that is wrong with them at once.
type Strict struct{}

// Limits is a nested object with a rule about two of its fields.
type Limits struct {
	Low  int `pulumi:"low"`
	High int `pulumi:"high"`
}

// StrictArgs are its inputs.
type StrictArgs struct {
	Common
	Port   int     `pulumi:"port"`
	Email  string  `pulumi:"email"`
	Limits *Limits `pulumi:"limits,optional"`
	Cursed *bool   `pulumi:"cursed,optional"`
}

// StrictState has no more than the inputs.
type StrictState struct{ StrictArgs }

// Annotate names the type.
func (Strict) Annotate(a infer.Annotator) { a.SetToken("index", "Strict") }

// Check collects failures: at a property, at a path, and at no property.
func (Strict) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[StrictArgs], error) {
	args, failures, err := infer.DefaultCheck[StrictArgs](ctx, req.NewInputs)
	if err != nil || len(failures) > 0 {
		return infer.CheckResponse[StrictArgs]{Inputs: args, Failures: failures}, err
	}
	fail := func(property, reason string) {
		failures = append(failures, p.CheckFailure{Property: property, Reason: reason})
	}
	unknown := func(key string) bool { v, ok := req.NewInputs.GetOk(key); return ok && v.HasComputed() }
	if !unknown("port") && (args.Port < 1 || args.Port > 65535) {
		fail("port", "must be between 1 and 65535")
	}
	if !unknown("email") && !strings.Contains(args.Email, "@") {
		fail("email", "is no address")
	}
	if args.Limits != nil && !unknown("limits") && args.Limits.Low > args.Limits.High {
		fail("limits.low", "must not be above limits.high")
	}
	if valueOr(args.Cursed, false) {
		fail("", "this resource is cursed")
	}
	return infer.CheckResponse[StrictArgs]{Inputs: args, Failures: failures}, nil
}

// Create makes one.
func (Strict) Create(
	_ context.Context, req infer.CreateRequest[StrictArgs],
) (infer.CreateResponse[StrictState], error) {
	return infer.CreateResponse[StrictState]{ID: newID(req.DryRun, req.Name), Output: StrictState{req.Inputs}}, nil
}

// Update changes it in place.
func (Strict) Update(
	_ context.Context, req infer.UpdateRequest[StrictArgs, StrictState],
) (infer.UpdateResponse[StrictState], error) {
	return infer.UpdateResponse[StrictState]{Output: StrictState{req.Inputs}}, nil
}
