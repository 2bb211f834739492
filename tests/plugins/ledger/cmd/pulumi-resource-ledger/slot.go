package main

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Slot can exist only once under its name, so a replacement has to delete before it creates.
type Slot struct{}

// SlotArgs are its inputs. A change of zone or name replaces.
type SlotArgs struct {
	Common
	Name *string `pulumi:"name,optional"`
	Zone *string `pulumi:"zone,optional"`
	Note *string `pulumi:"note,optional"`
}

// SlotState has no more than the inputs.
type SlotState struct{ SlotArgs }

// Annotate names the type.
func (Slot) Annotate(a infer.Annotator) { a.SetToken("index", "Slot") }

// Create fails while the name is taken.
func (Slot) Create(_ context.Context, req infer.CreateRequest[SlotArgs]) (infer.CreateResponse[SlotState], error) {
	name := valueOr(req.Inputs.Name, req.Name)
	if !req.DryRun {
		ledger, err := theCloud.ledger()
		if err != nil {
			return infer.CreateResponse[SlotState]{}, err
		}
		objects, err := ledger.All()
		if err != nil {
			return infer.CreateResponse[SlotState]{}, err
		}
		for _, o := range objects {
			if o.Type == "ledger:index:Slot" && o.Name == name {
				return infer.CreateResponse[SlotState]{}, status.Errorf(codes.AlreadyExists, "slot %q is taken by %s", name, o.ID)
			}
		}
	}
	id, err := plainID(req.DryRun, name)
	return infer.CreateResponse[SlotState]{ID: id, Output: SlotState{req.Inputs}}, err
}

// Update changes the note.
func (Slot) Update(
	_ context.Context, req infer.UpdateRequest[SlotArgs, SlotState],
) (infer.UpdateResponse[SlotState], error) {
	return infer.UpdateResponse[SlotState]{Output: SlotState{req.Inputs}}, nil
}

// Diff asks for the delete first whenever it asks for a replacement that keeps the name.
func (Slot) Diff(_ context.Context, req infer.DiffRequest[SlotArgs, SlotState]) (infer.DiffResponse, error) {
	details := map[string]p.PropertyDiff{}
	compare(details, "name", req.State.Name, req.Inputs.Name, true)
	compare(details, "zone", req.State.Zone, req.Inputs.Zone, true)
	compare(details, "note", req.State.Note, req.Inputs.Note, false)
	_, zone := details["zone"]
	_, moved := details["name"]
	return infer.DiffResponse{
		HasChanges: len(details) > 0, DeleteBeforeReplace: zone && !moved, DetailedDiff: details,
	}, nil
}

// compare adds what happened to one optional property.
func compare[T comparableKind](details map[string]p.PropertyDiff, path string, old, new *T, replaces bool) {
	kind := p.Update
	switch {
	case old == nil && new == nil, old != nil && new != nil && *old == *new:
		return
	case old == nil:
		kind = p.Add
	case new == nil:
		kind = p.Delete
	}
	if replaces {
		kind += "&replace"
	}
	details[path] = p.PropertyDiff{Kind: kind, InputDiff: true}
}

type comparableKind interface {
	~string | ~int | ~bool | ~float64
}
