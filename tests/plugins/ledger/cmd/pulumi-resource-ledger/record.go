package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// Record is the plainest resource: scalars, a list and a map.
type Record struct{}

// RecordArgs are its inputs. A change of region replaces it.
type RecordArgs struct {
	Common
	Name    *string           `pulumi:"name,optional"`
	Value   *string           `pulumi:"value,optional"`
	Size    *int              `pulumi:"size,optional"`
	Ratio   *float64          `pulumi:"ratio,optional"`
	Enabled *bool             `pulumi:"enabled,optional"`
	Tags    map[string]string `pulumi:"tags,optional"`
	Items   []string          `pulumi:"items,optional"`
	Region  *string           `pulumi:"region,optional" provider:"replaceOnChanges"`
	Needs   any               `pulumi:"needs,optional"`
}

// RecordState adds what only the cloud knows.
type RecordState struct {
	RecordArgs
	Fingerprint string `pulumi:"fingerprint"`
	Revision    int    `pulumi:"revision"`
}

// Annotate gives the defaults, which Check applies.
func (r *RecordArgs) Annotate(a infer.Annotator) {
	a.Describe(&r.Name, "The name in the ledger; made up where it is missing.")
	a.Describe(&r.Needs, "Anything at all: values of other resources, to depend on them.")
	a.SetDefault(&r.Size, 1)
	a.SetDefault(&r.Region, "here", "LEDGER_REGION")
}

// Annotate names the type and describes it.
func (Record) Annotate(a infer.Annotator) { a.SetToken("index", "Record") }

// Annotate describes the outputs.
func (r *RecordState) Annotate(a infer.Annotator) {
	a.Describe(&r.Fingerprint, "Made of the value alone: unknown in a preview exactly when the value changes.")
	a.Describe(&r.Revision, "1 after the create, one more after each update.")
}

// WireDependencies says which outputs a preview can know.
func (Record) WireDependencies(f infer.FieldSelector, args *RecordArgs, state *RecordState) {
	f.OutputField(&state.Fingerprint).DependsOn(f.InputField(&args.Value))
	f.OutputField(&state.Revision).DependsOn(f.InputField(args).Computed())
}

func fingerprint(value *string) string {
	sum := sha256.Sum256([]byte(valueOr(value, "")))
	return hex.EncodeToString(sum[:6])
}

// Create makes another record, even when one of that name exists.
func (Record) Create(
	_ context.Context, req infer.CreateRequest[RecordArgs],
) (infer.CreateResponse[RecordState], error) {
	id, err := plainID(req.DryRun, valueOr(req.Inputs.Name, req.Name))
	return infer.CreateResponse[RecordState]{
		ID:     id,
		Output: RecordState{RecordArgs: req.Inputs, Fingerprint: fingerprint(req.Inputs.Value), Revision: 1},
	}, err
}

// Update changes it in place.
func (Record) Update(
	_ context.Context, req infer.UpdateRequest[RecordArgs, RecordState],
) (infer.UpdateResponse[RecordState], error) {
	return infer.UpdateResponse[RecordState]{Output: RecordState{
		RecordArgs: req.Inputs, Fingerprint: fingerprint(req.Inputs.Value), Revision: req.State.Revision + 1,
	}}, nil
}

// Fixed cannot be updated: the framework answers every change with a replacement.
type Fixed struct{}

// FixedArgs are its inputs.
type FixedArgs struct {
	Common
	Name  *string `pulumi:"name,optional"`
	Value string  `pulumi:"value"`
}

// FixedState has no more than the inputs.
type FixedState struct{ FixedArgs }

// Annotate names the type.
func (Fixed) Annotate(a infer.Annotator) { a.SetToken("index", "Fixed") }

// Create makes one.
func (Fixed) Create(_ context.Context, req infer.CreateRequest[FixedArgs]) (infer.CreateResponse[FixedState], error) {
	return infer.CreateResponse[FixedState]{
		ID: newID(req.DryRun, valueOr(req.Inputs.Name, req.Name)), Output: FixedState{req.Inputs},
	}, nil
}
