package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/middleware/cancel"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"stackwright.test/ledger/internal/book"
	"stackwright.test/ledger/internal/script"
)

// cloud is the layer between the gRPC server and the framework's resources: it records every operation in the ledger
// and plays the faults that the script, or the resource's own inputs, ask for. The resources know of neither.
type cloud struct {
	script script.Script
	trace  bool

	mu   sync.Mutex
	path string
	book *book.Book
}

// theCloud serves the resources, which the framework makes from their types.
var theCloud *cloud

func (c *cloud) start() error {
	theCloud = c
	c.script = script.Script{Path: os.Getenv("LEDGER_SCRIPT")}
	c.trace = os.Getenv("LEDGER_TRACE") != ""
	if path := os.Getenv("LEDGER_PATH"); path != "" {
		if err := c.open(path); err != nil {
			return err
		}
	}
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	return c.mark("start", book.Line{Detail: map[string]any{"argv": os.Args, "cwd": cwd}})
}

func (c *cloud) stop(context.Context) { _ = c.mark("stop", book.Line{}) }

func (c *cloud) open(path string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if path == c.path {
		return nil
	}
	opened, err := book.Open(path, os.Getenv("LEDGER_FSYNC") != "0")
	if err != nil {
		return err
	}
	c.path, c.book = path, opened
	return nil
}

func (c *cloud) ledger() (*book.Book, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.book == nil {
		return nil, status.Error(codes.FailedPrecondition, "the ledger has no path: the provider is not configured")
	}
	return c.book, nil
}

// mark writes a line about something without duration, if there is a ledger yet.
func (c *cloud) mark(op string, line book.Line) error {
	c.mu.Lock()
	b := c.book
	c.mu.Unlock()
	if b == nil {
		return nil
	}
	line.Op, line.Phase = op, "mark"
	return b.Append(line)
}

// traced marks a question, which changes nothing, if the test wants to count questions.
func (c *cloud) traced(op string, line book.Line) error {
	if !c.trace {
		return nil
	}
	return c.mark(op, line)
}

// operation is one create, read, update or delete on its way into the ledger.
type operation struct {
	cloud *cloud
	book  *book.Book
	line  book.Line
	rules []script.Rule
}

func (c *cloud) begin(op string, urn resource.URN, id string, inputs resource.PropertyMap) (*operation, error) {
	b, err := c.ledger()
	if err != nil {
		return nil, err
	}
	rules, err := faultsOf(inputs)
	if err != nil {
		return nil, err
	}
	o := &operation{cloud: c, book: b, rules: rules, line: book.Line{
		Call: b.NewCall(), Op: op, Phase: "begin", URN: string(urn), Type: string(urn.Type()), Name: nameOf(urn, inputs),
		ID: id, Inputs: book.Plain(inputs), Secrets: book.Secrets(inputs),
	}}
	return o, b.Append(o.line)
}

// play carries out the faults of one phase.
func (o *operation) play(ctx context.Context, phase string) error {
	urn := resource.URN(o.line.URN)
	return o.cloud.script.Play(ctx, script.Call{
		On: o.line.Op, Name: urn.Name(), Type: string(urn.Type()), Phase: phase,
	}, o.rules)
}

// end writes how the operation ended and passes the error on.
func (o *operation) end(outcome string, cause error) error {
	o.line.Phase, o.line.Outcome = "end", outcome
	if cause != nil {
		o.line.Error = cause.Error()
	}
	return errors.Join(cause, o.book.Append(o.line))
}

// run is the life of an operation: faults that prevent it, the effect, the ledger, faults that hide it. The effect may
// fill in the line. What comes back is the reason for a partial failure, and any other error.
func (o *operation) run(ctx context.Context, effect func(line *book.Line) (outcome string, err error)) (
	*p.InitializationFailed, error,
) {
	if err := o.play(ctx, "before"); err != nil {
		return nil, o.end("failed", err)
	}
	outcome, err := effect(&o.line)
	if err != nil {
		return nil, o.end("failed", err)
	}
	unready := o.play(ctx, "init")
	if partial := (*script.Partial)(nil); errors.As(unready, &partial) {
		if err := o.end("partial", unready); !errors.Is(err, unready) {
			return nil, err
		}
		return &p.InitializationFailed{Reasons: partial.Reasons}, unready
	} else if unready != nil {
		return nil, o.end("failed", unready)
	}
	if err := o.end(outcome, nil); err != nil {
		return nil, err
	}
	return nil, o.play(ctx, "after")
}

// wrap puts the cloud around the framework's provider. Cancellation comes first, so that faults can be interrupted.
func (c *cloud) wrap(inner p.Provider) p.Provider {
	outer := inner
	outer.Handshake = func(context.Context, p.HandshakeRequest) (p.HandshakeResponse, error) {
		return p.HandshakeResponse{SupportsAutonamingConfiguration: true}, c.traced("handshake", book.Line{})
	}
	outer.GetSchema = func(ctx context.Context, req p.GetSchemaRequest) (p.GetSchemaResponse, error) {
		resp, err := inner.GetSchema(ctx, req)
		if err == nil {
			resp.Schema, err = withMethods(resp.Schema)
		}
		return resp, err
	}
	outer.CheckConfig = func(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
		if err := c.question(ctx, "checkConfig", req.Urn, "", req.Inputs); err != nil {
			return p.CheckResponse{}, err
		}
		return inner.CheckConfig(ctx, req)
	}
	outer.DiffConfig = func(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
		if err := c.question(ctx, "diffConfig", req.Urn, req.ID, req.Inputs); err != nil {
			return p.DiffResponse{}, err
		}
		return diffConfig(req), nil
	}
	outer.Configure = func(ctx context.Context, req p.ConfigureRequest) error { return c.configure(ctx, req, inner) }
	outer.Check = func(ctx context.Context, req p.CheckRequest) (p.CheckResponse, error) {
		if err := c.question(ctx, "check", req.Urn, "", req.Inputs); err != nil {
			return p.CheckResponse{}, err
		}
		failure, err := named(ctx, &req)
		if err != nil {
			return p.CheckResponse{}, err
		}
		resp, err := inner.Check(ctx, req)
		if failure != nil {
			resp.Failures = append(resp.Failures, *failure)
		}
		return resp, err
	}
	outer.Diff = func(ctx context.Context, req p.DiffRequest) (p.DiffResponse, error) {
		if err := c.question(ctx, "diff", req.Urn, req.ID, req.Inputs); err != nil {
			return p.DiffResponse{}, err
		}
		return inner.Diff(ctx, req)
	}
	outer.Create = func(ctx context.Context, req p.CreateRequest) (p.CreateResponse, error) {
		return c.create(ctx, req, inner)
	}
	outer.Read = func(ctx context.Context, req p.ReadRequest) (p.ReadResponse, error) { return c.read(ctx, req, inner) }
	outer.Update = func(ctx context.Context, req p.UpdateRequest) (p.UpdateResponse, error) {
		return c.update(ctx, req, inner)
	}
	outer.Delete = func(ctx context.Context, req p.DeleteRequest) error { return c.delete(ctx, req, inner) }
	outer.Invoke = func(ctx context.Context, req p.InvokeRequest) (p.InvokeResponse, error) {
		args := resource.ToResourcePropertyMap(req.Args)
		line := book.Line{Type: string(req.Token), Inputs: book.Plain(args), Secrets: book.Secrets(args)}
		if err := c.traced("invoke", line); err != nil {
			return p.InvokeResponse{}, err
		}
		if err := c.script.Play(ctx, script.Call{On: "invoke", Type: line.Type, Phase: "before"}, nil); err != nil {
			return p.InvokeResponse{}, err
		}
		return inner.Invoke(ctx, req)
	}
	outer.Construct = func(ctx context.Context, req p.ConstructRequest) (p.ConstructResponse, error) {
		if err := c.question(ctx, "construct", req.Urn, "", req.Inputs); err != nil {
			return p.ConstructResponse{}, err
		}
		return inner.Construct(ctx, req)
	}
	outer.Call = func(ctx context.Context, req p.CallRequest) (p.CallResponse, error) {
		args := resource.ToResourcePropertyMap(req.Args)
		if err := c.traced("call", book.Line{Type: string(req.Tok), Inputs: book.Plain(args)}); err != nil {
			return p.CallResponse{}, err
		}
		if err := c.script.Play(ctx, script.Call{On: "call", Type: string(req.Tok), Phase: "before"}, nil); err != nil {
			return p.CallResponse{}, err
		}
		return callMethod(ctx, req)
	}
	outer.Cancel = func(ctx context.Context) error {
		return errors.Join(c.mark("cancel", book.Line{}), inner.Cancel(ctx))
	}
	return cancel.Wrap(outer)
}

// question traces a call without effects and plays its faults.
func (c *cloud) question(ctx context.Context, op string, urn resource.URN, id string, inputs property.Map) error {
	bag := resource.ToResourcePropertyMap(inputs)
	line := book.Line{URN: string(urn), ID: id, Inputs: book.Plain(bag), Secrets: book.Secrets(bag)}
	call := script.Call{On: op, Phase: "before"}
	if urn != "" {
		line.Type, line.Name = string(urn.Type()), urn.Name()
		call.Type, call.Name = line.Type, line.Name
	}
	if err := c.traced(op, line); err != nil {
		return err
	}
	rules, err := faultsOf(bag)
	if err != nil {
		return err
	}
	return c.script.Play(ctx, call, rules)
}

func (c *cloud) configure(ctx context.Context, req p.ConfigureRequest, inner p.Provider) error {
	args := resource.ToResourcePropertyMap(req.Args)
	if path, ok := book.Plain(args)["path"].(string); ok && path != "" {
		if err := c.open(path); err != nil {
			return err
		}
	}
	line := book.Line{Inputs: book.Plain(args), Secrets: book.Secrets(args)}
	if err := c.mark("configure", line); err != nil {
		return err
	}
	if err := c.script.Play(ctx, script.Call{On: "configure", Phase: "before"}, nil); err != nil {
		return err
	}
	missing := map[string]string{}
	for key := range strings.SplitSeq(os.Getenv("LEDGER_REQUIRE"), ",") {
		if _, given := args[resource.PropertyKey(key)]; key != "" && !given {
			missing[key] = "needed because LEDGER_REQUIRE names it"
		}
	}
	if err := p.ConfigMissingKeys(missing); err != nil {
		return err
	}
	return inner.Configure(ctx, req)
}

// hold puts what the cloud holds from now on into a line.
func hold(line *book.Line, state property.Map) {
	bag := resource.ToResourcePropertyMap(state)
	line.State = book.Plain(bag)
	line.Secrets = slices.Compact(slices.Sorted(slices.Values(append(book.Secrets(bag), line.Secrets...))))
}

func (c *cloud) create(ctx context.Context, req p.CreateRequest, inner p.Provider) (p.CreateResponse, error) {
	if req.DryRun {
		if err := c.question(ctx, "previewCreate", req.Urn, "", req.Properties); err != nil {
			return p.CreateResponse{}, err
		}
		return inner.Create(ctx, req)
	}
	inputs := resource.ToResourcePropertyMap(req.Properties)
	op, err := c.begin("create", req.Urn, "", inputs)
	if err != nil {
		return p.CreateResponse{}, err
	}
	var resp p.CreateResponse
	resp.PartialState, err = op.run(ctx, func(line *book.Line) (string, error) {
		if err := c.logs(ctx, inputs); err != nil {
			return "", err
		}
		made, err := inner.Create(ctx, req)
		resp.ID, resp.Properties = made.ID, made.Properties
		line.ID = made.ID
		hold(line, made.Properties)
		return "ok", err
	})
	return resp, err
}

func (c *cloud) update(ctx context.Context, req p.UpdateRequest, inner p.Provider) (p.UpdateResponse, error) {
	if req.DryRun {
		if err := c.question(ctx, "previewUpdate", req.Urn, req.ID, req.Inputs); err != nil {
			return p.UpdateResponse{}, err
		}
		return inner.Update(ctx, req)
	}
	inputs := resource.ToResourcePropertyMap(req.Inputs)
	op, err := c.begin("update", req.Urn, req.ID, inputs)
	if err != nil {
		return p.UpdateResponse{}, err
	}
	var resp p.UpdateResponse
	resp.PartialState, err = op.run(ctx, func(line *book.Line) (string, error) {
		if _, found, err := op.book.Find(req.ID); err != nil {
			return "", err
		} else if !found {
			return "", status.Errorf(codes.NotFound, "there is no object %q in the ledger", req.ID)
		}
		if err := c.logs(ctx, inputs); err != nil {
			return "", err
		}
		changed, err := inner.Update(ctx, req)
		resp.Properties = changed.Properties
		hold(line, changed.Properties)
		return "ok", err
	})
	return resp, err
}

func (c *cloud) delete(ctx context.Context, req p.DeleteRequest, inner p.Provider) error {
	op, err := c.begin("delete", req.Urn, req.ID, resource.ToResourcePropertyMap(req.Properties))
	if err != nil {
		return err
	}
	_, err = op.run(ctx, func(line *book.Line) (string, error) {
		// What is already gone is deleted as well as it can be.
		line.State, line.Inputs = nil, nil
		_, found, err := op.book.Find(req.ID)
		if err == nil {
			err = inner.Delete(ctx, req)
		}
		if !found {
			return "absent", err
		}
		return "ok", err
	})
	return err
}

// read answers from the ledger. What the cloud still holds as the engine knows it goes back exactly as it came, which
// keeps nested secrets and assets; only differences are made of what the ledger says.
func (c *cloud) read(ctx context.Context, req p.ReadRequest, inner p.Provider) (p.ReadResponse, error) {
	known := resource.ToResourcePropertyMap(req.Properties)
	op, err := c.begin("read", req.Urn, req.ID, known)
	if err != nil {
		return p.ReadResponse{}, err
	}
	var resp p.ReadResponse
	resp.PartialState, err = op.run(ctx, func(line *book.Line) (string, error) {
		line.Inputs, line.Secrets = nil, nil
		object, found, err := op.book.Find(req.ID)
		if err != nil {
			return "", err
		}
		if !found || object.Type != string(req.Urn.Type()) {
			// The framework answers only for types that it knows.
			_, err := inner.Read(ctx, p.ReadRequest{ID: req.ID, Urn: req.Urn})
			return "gone", err
		}
		line.State = object.State
		secret := append(object.Secrets, alwaysSecret[object.Type]...)
		req.Properties = reconcile(known, object.State, secret)
		req.Inputs = reconcile(resource.ToResourcePropertyMap(req.Inputs), object.Inputs, secret)
		answer, err := inner.Read(ctx, req)
		resp.ID, resp.Properties, resp.Inputs = answer.ID, answer.Properties, answer.Inputs
		return "ok", err
	})
	return resp, err
}

func reconcile(known resource.PropertyMap, actual map[string]any, secret []string) property.Map {
	result := book.Properties(actual, secret)
	for k, v := range known {
		now, held := actual[string(k)]
		if held && reflect.DeepEqual(comparable(book.Plain(resource.PropertyMap{k: v})[string(k)]), comparable(now)) {
			result[k] = v
		}
	}
	return resource.FromResourcePropertyMap(result)
}

// comparable passes a value through JSON, so that numbers have one kind, and leaves of an asset only its hash, since
// the engine sends no more than that.
func comparable(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		return v
	}
	var result any
	if err := json.Unmarshal(text, &result); err != nil {
		return v
	}
	return hashesOnly(result)
}

func hashesOnly(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = hashesOnly(v[i])
		}
	case map[string]any:
		for _, kind := range []string{"$asset", "$archive"} {
			if content, ok := v[kind].(map[string]any); ok && content["hash"] != "" {
				return map[string]any{kind: content["hash"]}
			}
		}
		for k := range v {
			v[k] = hashesOnly(v[k])
		}
	}
	return v
}

// faultsOf reads the rules that a resource carries in its own inputs.
func faultsOf(inputs resource.PropertyMap) ([]script.Rule, error) {
	faults, ok := inputs["faults"]
	if !ok || faults.ContainsUnknowns() {
		return nil, nil
	}
	text, err := json.Marshal(book.Plain(resource.PropertyMap{"faults": faults})["faults"])
	if err != nil {
		return nil, err
	}
	var rules []script.Rule
	if err := json.Unmarshal(text, &rules); err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	return rules, nil
}

func nameOf(urn resource.URN, inputs resource.PropertyMap) string {
	if name, ok := book.Plain(inputs)["name"].(string); ok {
		return name
	}
	return urn.Name()
}

// logs says what the resource's inputs want to be said, through the engine.
func (c *cloud) logs(ctx context.Context, inputs resource.PropertyMap) error {
	value, ok := inputs["logs"]
	if !ok {
		return nil
	}
	text, err := json.Marshal(book.Plain(resource.PropertyMap{"logs": value})["logs"])
	if err != nil {
		return err
	}
	var lines []struct {
		Severity, Message  string
		Status, WithoutURN bool
	}
	if err := json.Unmarshal(text, &lines); err != nil {
		return fmt.Errorf("logs: %w", err)
	}
	logger := p.GetLogger(ctx)
	host, _ := ctx.Value(hostKey{}).(*provider.HostClient)
	for _, line := range lines {
		severity, known := severities[line.Severity]
		if !known {
			return fmt.Errorf("logs: %q is not a severity", line.Severity)
		}
		if line.WithoutURN && host != nil {
			say := host.Log
			if line.Status {
				say = host.LogStatus
			}
			if err := say(ctx, severity, "", line.Message); err != nil {
				return err
			}
			continue
		}
		plain := map[string]func(string){
			"debug": logger.Debug, "info": logger.Info, "warning": logger.Warning, "error": logger.Error,
		}
		ephemeral := map[string]func(string){
			"debug": logger.DebugStatus, "info": logger.InfoStatus,
			"warning": logger.WarningStatus, "error": logger.ErrorStatus,
		}
		if line.Status {
			ephemeral[line.Severity](line.Message)
		} else {
			plain[line.Severity](line.Message)
		}
	}
	return nil
}

// autonamed lists the types whose `name` is made up where the program gives none.
var autonamed = map[string]bool{
	name + ":index:Record": true, name + ":index:Rich": true, name + ":index:Slot": true,
	name + ":index:Shape": true, name + ":index:Fixed": true,
}

// named fills in the name: what the program says, else what it was, else what the engine proposes, else one made of
// the logical name and the seed.
func named(ctx context.Context, req *p.CheckRequest) (*p.CheckFailure, error) {
	if !autonamed[string(req.Urn.Type())] {
		return nil, nil
	}
	if given, ok := req.Inputs.GetOk("name"); ok && !given.IsNull() {
		return nil, nil
	}
	if old, ok := req.State.GetOk("name"); ok && !old.IsNull() {
		req.Inputs = req.Inputs.Set("name", old)
		return nil, nil
	}
	n, _ := ctx.Value(namingKey{}).(naming)
	if n.given {
		switch n.mode {
		case rpc.CheckRequest_AutonamingOptions_DISABLE:
			return &p.CheckFailure{Property: "name", Reason: "automatic naming is disabled, so a name is needed"}, nil
		case rpc.CheckRequest_AutonamingOptions_PROPOSE, rpc.CheckRequest_AutonamingOptions_ENFORCE:
			req.Inputs = req.Inputs.Set("name", property.New(n.proposed))
			return nil, nil
		}
	}
	unique, err := resource.NewUniqueName(n.seed, req.Urn.Name()+"-", 7, 0, nil)
	if err != nil {
		return nil, err
	}
	req.Inputs = req.Inputs.Set("name", property.New(unique))
	return nil, nil
}
