package main

import (
	"sync"

	"github.com/pulumi/pulumi-go-provider/infer"

	"stackwright.test/ledger/internal/book"
)

// Common are the inputs that every resource takes besides its own.
type Common struct {
	Faults              []Fault `pulumi:"faults,optional"`
	Logs                []Log   `pulumi:"logs,optional"`
	RefreshBeforeUpdate *bool   `pulumi:"refreshBeforeUpdate,optional"`
}

// Annotate describes the inputs in the schema.
func (c *Common) Annotate(a infer.Annotator) {
	a.Describe(&c.Faults, "What goes wrong with this resource, and when.")
	a.Describe(&c.Logs, "What to say through the engine while the resource is created or updated.")
	a.Describe(&c.RefreshBeforeUpdate, "Ask the engine to refresh this resource before it is updated.")
}

// Fault mirrors script.Rule.
type Fault struct {
	On      string   `pulumi:"on"`
	Phase   *string  `pulumi:"phase,optional"`
	Times   *int     `pulumi:"times,optional"`
	Unless  *string  `pulumi:"unless,optional"`
	ID      *string  `pulumi:"id,optional"`
	Kind    string   `pulumi:"kind"`
	Message *string  `pulumi:"message,optional"`
	Reasons []string `pulumi:"reasons,optional"`
	Code    *string  `pulumi:"code,optional"`
	Status  *int     `pulumi:"status,optional"`
	Seconds *float64 `pulumi:"seconds,optional"`
}

// Log is one message.
type Log struct {
	Severity   string `pulumi:"severity"`
	Message    string `pulumi:"message"`
	Status     *bool  `pulumi:"status,optional"`
	WithoutURN *bool  `pulumi:"withoutUrn,optional"`
}

// alwaysSecret names the outputs that are secret whatever they are made of.
var alwaysSecret = map[string][]string{
	name + ":index:Rich": {"password", "pin", "token"},
}

func valueOr[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// newID makes an identifier, which a preview does not know yet.
func newID(preview bool, name string) string {
	if preview {
		return ""
	}
	return book.NewID(name)
}

// plainID makes the name the identifier while nobody has it, as many clouds do; else another one.
// Whoever lost the answer to a create can find out by reading the name.
func plainID(preview bool, name string) (string, error) {
	if preview {
		return "", nil
	}
	ledger, err := theCloud.ledger()
	if err != nil {
		return "", err
	}
	_, taken, err := ledger.Find(name)
	if err != nil {
		return "", err
	}
	// What was handed out a moment ago is in no ledger yet: of creates at the same time one gets the name.
	if _, handedOut := plainIDs.LoadOrStore(name, true); taken || handedOut {
		return book.NewID(name), nil
	}
	return name, nil
}

// plainIDs are the names that this process has made identifiers of.
var plainIDs sync.Map
