package main

import (
	"context"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// Shape answers Diff by itself, with paths into its maps and lists and with every kind of change.
type Shape struct{}

// Part is an element of a list.
type Part struct {
	Name string `pulumi:"name"`
	Size int    `pulumi:"size"`
}

// ShapeArgs are its inputs: a change of settings or parts updates, one of fixed replaces, one of silent is none.
type ShapeArgs struct {
	Common
	Name       *string           `pulumi:"name,optional"`
	Settings   map[string]string `pulumi:"settings,optional"`
	Fixed      map[string]string `pulumi:"fixed,optional"`
	Parts      []Part            `pulumi:"parts,optional"`
	Silent     *string           `pulumi:"silent,optional"`
	Style      *string           `pulumi:"style,optional"`
	DeleteFrst *bool             `pulumi:"deleteFirst,optional"`
	OfState    *bool             `pulumi:"ofState,optional"`
}

// ShapeState adds one output that updates never change.
type ShapeState struct {
	ShapeArgs
	Mark string `pulumi:"mark"`
}

// Annotate names the type.
func (Shape) Annotate(a infer.Annotator) { a.SetToken("index", "Shape") }

// Annotate describes the switches.
func (s *ShapeArgs) Annotate(a infer.Annotator) {
	a.Describe(&s.Style, "How Diff answers: detailed (default), plain, some, none, unknown.")
	a.Describe(&s.DeleteFrst, "Diff demands the delete before the create.")
	a.Describe(&s.OfState, "The paths of Diff compare the old state with the new inputs, not inputs with inputs.")
}

// Create makes one.
func (Shape) Create(_ context.Context, req infer.CreateRequest[ShapeArgs]) (infer.CreateResponse[ShapeState], error) {
	id := newID(req.DryRun, valueOr(req.Inputs.Name, req.Name))
	return infer.CreateResponse[ShapeState]{ID: id, Output: ShapeState{ShapeArgs: req.Inputs, Mark: "mark-" + id}}, nil
}

// Update changes it in place.
func (Shape) Update(
	_ context.Context, req infer.UpdateRequest[ShapeArgs, ShapeState],
) (infer.UpdateResponse[ShapeState], error) {
	return infer.UpdateResponse[ShapeState]{Output: ShapeState{ShapeArgs: req.Inputs, Mark: req.State.Mark}}, nil
}

// Diff compares by path.
func (Shape) Diff(_ context.Context, req infer.DiffRequest[ShapeArgs, ShapeState]) (infer.DiffResponse, error) {
	details := map[string]p.PropertyDiff{}
	input := !valueOr(req.Inputs.OfState, false)
	compareMaps(details, "settings", req.State.Settings, req.Inputs.Settings, false, input)
	compareMaps(details, "fixed", req.State.Fixed, req.Inputs.Fixed, true, input)
	for i := range max(len(req.State.Parts), len(req.Inputs.Parts)) {
		path := fmt.Sprintf("parts[%d]", i)
		switch {
		case i >= len(req.State.Parts):
			details[path] = p.PropertyDiff{Kind: p.Add, InputDiff: input}
		case i >= len(req.Inputs.Parts):
			details[path] = p.PropertyDiff{Kind: p.Delete, InputDiff: input}
		default:
			old, new := req.State.Parts[i], req.Inputs.Parts[i]
			if old.Name != new.Name {
				details[path+".name"] = p.PropertyDiff{Kind: p.Update, InputDiff: input}
			}
			if old.Size != new.Size {
				details[path+".size"] = p.PropertyDiff{Kind: p.Update, InputDiff: input}
			}
		}
	}
	changed := len(details) > 0
	details["mark"] = p.PropertyDiff{Kind: p.Stable}
	return infer.DiffResponse{
		HasChanges: changed, DeleteBeforeReplace: valueOr(req.Inputs.DeleteFrst, false), DetailedDiff: details,
	}, nil
}

func compareMaps(details map[string]p.PropertyDiff, path string, old, new map[string]string, replaces, input bool) {
	set := func(key string, kind p.DiffKind) {
		if replaces {
			kind += "&replace"
		}
		details[fmt.Sprintf("%s[%q]", path, key)] = p.PropertyDiff{Kind: kind, InputDiff: input}
	}
	for key, was := range old {
		if is, ok := new[key]; !ok {
			set(key, p.Delete)
		} else if is != was {
			set(key, p.Update)
		}
	}
	for key := range new {
		if _, ok := old[key]; !ok {
			set(key, p.Add)
		}
	}
}
