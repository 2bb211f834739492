package main

import (
	"context"
	"os"
	"strings"

	"github.com/pulumi/pulumi-go-provider/infer"
	"google.golang.org/grpc/status"

	"stackwright.test/ledger/internal/script"
)

// Echo returns what it was given.
type Echo struct{}

// EchoArgs take anything.
type EchoArgs struct {
	Value  any     `pulumi:"value,optional"`
	Text   *string `pulumi:"text,optional"`
	Number *int    `pulumi:"number,optional"`
}

// Annotate names the function and gives a default.
func (Echo) Annotate(a infer.Annotator) { a.SetToken("index", "echo") }

// Annotate gives a default.
func (e *EchoArgs) Annotate(a infer.Annotator) { a.SetDefault(&e.Number, 7) }

// Invoke answers.
func (Echo) Invoke(
	_ context.Context, req infer.FunctionRequest[EchoArgs],
) (infer.FunctionResponse[EchoArgs], error) {
	return infer.FunctionResponse[EchoArgs]{Output: req.Input}, nil
}

// Lookup finds objects in the ledger by name.
type Lookup struct{}

// LookupArgs say which.
type LookupArgs struct {
	Name string  `pulumi:"name"`
	Type *string `pulumi:"type,optional"`
}

// LookupResult lists the identifiers.
type LookupResult struct {
	IDs   []string `pulumi:"ids"`
	Count int      `pulumi:"count"`
}

// Annotate names the function.
func (Lookup) Annotate(a infer.Annotator) { a.SetToken("index", "lookup") }

// Invoke looks.
func (Lookup) Invoke(
	_ context.Context, req infer.FunctionRequest[LookupArgs],
) (infer.FunctionResponse[LookupResult], error) {
	result := LookupResult{IDs: []string{}}
	ledger, err := theCloud.ledger()
	if err != nil {
		return infer.FunctionResponse[LookupResult]{}, err
	}
	objects, err := ledger.All()
	if err != nil {
		return infer.FunctionResponse[LookupResult]{}, err
	}
	for _, o := range objects {
		if o.Name == req.Input.Name && (req.Input.Type == nil || *req.Input.Type == o.Type) {
			result.IDs = append(result.IDs, o.ID)
		}
	}
	result.Count = len(result.IDs)
	return infer.FunctionResponse[LookupResult]{Output: result}, nil
}

// Refuse fails.
type Refuse struct{}

// RefuseArgs say how. Missing ones, or a number that is a text, are failures of properties.
type RefuseArgs struct {
	Message string  `pulumi:"message"`
	Code    *string `pulumi:"code,optional"`
	Number  int     `pulumi:"number"`
}

// Nothing is an empty result.
type Nothing struct{}

// Annotate names the function.
func (Refuse) Annotate(a infer.Annotator) { a.SetToken("index", "refuse") }

// Invoke refuses.
func (Refuse) Invoke(
	_ context.Context, req infer.FunctionRequest[RefuseArgs],
) (infer.FunctionResponse[Nothing], error) {
	return infer.FunctionResponse[Nothing]{}, status.Error(script.Code(valueOr(req.Input.Code, "")), req.Input.Message)
}

// Reveal has a secret answer.
type Reveal struct{}

// RevealArgs name the secret.
type RevealArgs struct {
	Name string `pulumi:"name"`
}

// RevealResult has a secret and a public half.
type RevealResult struct {
	Secret string `pulumi:"secret" provider:"secret"`
	Public string `pulumi:"public"`
}

// Annotate names the function.
func (Reveal) Annotate(a infer.Annotator) { a.SetToken("index", "reveal") }

// Invoke tells.
func (Reveal) Invoke(
	_ context.Context, req infer.FunctionRequest[RevealArgs],
) (infer.FunctionResponse[RevealResult], error) {
	return infer.FunctionResponse[RevealResult]{Output: RevealResult{
		Secret: "secret-of-" + req.Input.Name, Public: req.Input.Name,
	}}, nil
}

// Surroundings tells how the engine started the plugin.
type Surroundings struct{}

// SurroundingsResult is what the process sees.
type SurroundingsResult struct {
	Process     int               `pulumi:"process"`
	Directory   string            `pulumi:"directory"`
	Arguments   []string          `pulumi:"arguments"`
	Environment map[string]string `pulumi:"environment"`
	Retries     int               `pulumi:"retries"`
	Region      string            `pulumi:"region"`
}

// Annotate names the function.
func (Surroundings) Annotate(a infer.Annotator) { a.SetToken("index", "surroundings") }

// Invoke tells.
func (Surroundings) Invoke(
	ctx context.Context, _ infer.FunctionRequest[Nothing],
) (infer.FunctionResponse[SurroundingsResult], error) {
	directory, err := os.Getwd()
	if err != nil {
		return infer.FunctionResponse[SurroundingsResult]{}, err
	}
	environment := map[string]string{}
	for _, entry := range os.Environ() {
		if key, value, _ := strings.Cut(entry, "="); strings.HasPrefix(key, "PULUMI_") || strings.HasPrefix(key, "LEDGER_") {
			environment[key] = value
		}
	}
	config := infer.GetConfig[Config](ctx)
	return infer.FunctionResponse[SurroundingsResult]{Output: SurroundingsResult{
		Process: os.Getpid(), Directory: directory, Arguments: os.Args, Environment: environment,
		Retries: valueOr(config.Retries, 0), Region: valueOr(config.Region, ""),
	}}, nil
}
