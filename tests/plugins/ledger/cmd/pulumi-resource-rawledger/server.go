package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"stackwright.test/ledger/internal/book"
)

// server is the honest half: any resource type with any inputs, which become its outputs.
type server struct {
	rpc.UnimplementedResourceProviderServer
	book *book.Book

	mu   sync.Mutex
	name string // the package, which Parameterize changes
	was  string // the package's version
}

func newServer() (*server, error) {
	s := &server{name: "rawledger", was: book.Version()}
	if path := os.Getenv("LEDGER_PATH"); path != "" {
		opened, err := book.Open(path, os.Getenv("LEDGER_FSYNC") != "0")
		if err != nil {
			return nil, err
		}
		s.book = opened
	}
	return s, nil
}

func (s *server) record(line book.Line) error {
	if s.book == nil {
		return nil
	}
	return s.book.Append(line)
}

func decode(properties *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(properties, plugin.MarshalOptions{
		KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true,
	})
}

// line describes a request in the ledger, secrets opened.
func line(op, phase, urn, id string, properties *structpb.Struct) (book.Line, error) {
	bag, err := decode(properties)
	if err != nil {
		return book.Line{}, err
	}
	l := book.Line{Op: op, Phase: phase, URN: urn, ID: id, Inputs: book.Plain(bag), Secrets: book.Secrets(bag)}
	if u := resource.URN(urn); u.IsValid() {
		l.Type, l.Name = string(u.Type()), u.Name()
	}
	return l, nil
}

func (s *server) Handshake(
	_ context.Context, req *rpc.ProviderHandshakeRequest,
) (*rpc.ProviderHandshakeResponse, error) {
	detail := map[string]any{
		"engineAddress": req.GetEngineAddress(), "rootDirectory": req.GetRootDirectory(),
		"programDirectory": req.GetProgramDirectory(), "configureWithUrn": req.GetConfigureWithUrn(),
		"supportsViews":               req.GetSupportsViews(),
		"supportsRefreshBeforeUpdate": req.GetSupportsRefreshBeforeUpdate(),
		"invokeWithPreview":           req.GetInvokeWithPreview(), "acceptsByteString": req.GetAcceptsByteString(),
	}
	return &rpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true},
		s.record(book.Line{Op: "handshake", Phase: "mark", Detail: detail})
}

// Parameterize makes another package of this one: by the arguments NAME and VERSION, or by the value an SDK kept.
func (s *server) Parameterize(_ context.Context, req *rpc.ParameterizeRequest) (*rpc.ParameterizeResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case req.GetArgs() != nil:
		args := req.GetArgs().GetArgs()
		if len(args) != 2 {
			return nil, status.Error(codes.InvalidArgument, "two arguments are needed: a name and a version")
		}
		s.name, s.was = args[0], args[1]
	case req.GetValue() != nil:
		name, was, ok := strings.Cut(string(req.GetValue().GetValue()), "@")
		if !ok {
			return nil, status.Error(codes.InvalidArgument, "the value is not NAME@VERSION")
		}
		s.name, s.was = name, was
	}
	return &rpc.ParameterizeResponse{Name: s.name, Version: s.was},
		s.record(book.Line{Op: "parameterize", Phase: "mark", Name: s.name})
}

func (s *server) GetSchema(context.Context, *rpc.GetSchemaRequest) (*rpc.GetSchemaResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	anything := map[string]any{"$ref": "pulumi.json#/Any"}
	text := map[string]any{"type": "string"}
	document := map[string]any{
		"name": s.name, "version": s.was,
		"resources": map[string]any{s.name + ":index:Thing": map[string]any{
			"inputProperties": map[string]any{"value": anything, "other": anything, "name": text},
			"properties":      map[string]any{"value": anything, "other": anything, "name": text},
		}},
	}
	if s.name != "rawledger" {
		document["parameterization"] = map[string]any{
			"baseProvider": map[string]any{"name": "rawledger", "version": book.Version()},
			"parameter":    []byte(s.name + "@" + s.was),
		}
	}
	schema, err := json.Marshal(document)
	return &rpc.GetSchemaResponse{Schema: string(schema)}, err
}

func (s *server) GetPluginInfo(context.Context, *emptypb.Empty) (*rpc.PluginInfo, error) {
	return &rpc.PluginInfo{Version: book.Version()}, nil
}

func (s *server) Attach(_ context.Context, req *rpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, s.record(book.Line{
		Op: "attach", Phase: "mark", Detail: map[string]any{"address": req.GetAddress()},
	})
}

func (s *server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, s.record(book.Line{Op: "cancel", Phase: "mark"})
}

func (s *server) CheckConfig(_ context.Context, req *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	return &rpc.CheckResponse{Inputs: req.GetNews()}, nil
}

func (s *server) DiffConfig(context.Context, *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	return &rpc.DiffResponse{Changes: rpc.DiffResponse_DIFF_UNKNOWN}, nil
}

func (s *server) Configure(_ context.Context, req *rpc.ConfigureRequest) (*rpc.ConfigureResponse, error) {
	l, err := line("configure", "mark", "", "", req.GetArgs())
	if err != nil {
		return nil, err
	}
	l.Detail = map[string]any{
		"variables": req.GetVariables(), "urn": req.GetUrn(), "name": req.GetName(), "type": req.GetType(),
		"id": req.GetId(), "acceptSecrets": req.GetAcceptSecrets(), "acceptResources": req.GetAcceptResources(),
		"sendsOldInputs": req.GetSendsOldInputs(), "sendsOldInputsToDelete": req.GetSendsOldInputsToDelete(),
	}
	return &rpc.ConfigureResponse{
		AcceptSecrets: true, SupportsPreview: true, AcceptResources: true, AcceptOutputs: true,
	}, s.record(l)
}

func (s *server) Check(_ context.Context, req *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	return &rpc.CheckResponse{Inputs: req.GetNews()}, nil
}

func (s *server) Diff(context.Context, *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	return &rpc.DiffResponse{Changes: rpc.DiffResponse_DIFF_UNKNOWN}, nil
}

func (s *server) Create(_ context.Context, req *rpc.CreateRequest) (*rpc.CreateResponse, error) {
	if req.GetPreview() {
		return &rpc.CreateResponse{Properties: req.GetProperties()}, nil
	}
	name := "unnamed"
	if u := resource.URN(req.GetUrn()); u.IsValid() {
		name = u.Name()
	}
	id := book.NewID(name)
	for _, phase := range []string{"begin", "end"} {
		l, err := line("create", phase, req.GetUrn(), "", req.GetProperties())
		if err != nil {
			return nil, err
		}
		if phase == "end" {
			l.ID, l.State, l.Outcome = id, l.Inputs, "ok"
		}
		if err := s.record(l); err != nil {
			return nil, err
		}
	}
	return &rpc.CreateResponse{Id: id, Properties: req.GetProperties()}, nil
}

// Read knows what the ledger knows; without a ledger it believes what it is told.
func (s *server) Read(_ context.Context, req *rpc.ReadRequest) (*rpc.ReadResponse, error) {
	if s.book == nil {
		return &rpc.ReadResponse{Id: req.GetId(), Properties: req.GetProperties(), Inputs: req.GetInputs()}, nil
	}
	object, found, err := s.book.Find(req.GetId())
	if err != nil || !found {
		return &rpc.ReadResponse{}, err
	}
	state, err := encode(object.State, object.Secrets)
	if err != nil {
		return nil, err
	}
	inputs, err := encode(object.Inputs, object.Secrets)
	return &rpc.ReadResponse{Id: req.GetId(), Properties: state, Inputs: inputs}, err
}

func encode(values map[string]any, secret []string) (*structpb.Struct, error) {
	return plugin.MarshalProperties(book.Properties(values, secret), plugin.MarshalOptions{KeepSecrets: true})
}

func (s *server) Update(_ context.Context, req *rpc.UpdateRequest) (*rpc.UpdateResponse, error) {
	if req.GetPreview() {
		return &rpc.UpdateResponse{Properties: req.GetNews()}, nil
	}
	l, err := line("update", "end", req.GetUrn(), req.GetId(), req.GetNews())
	if err != nil {
		return nil, err
	}
	l.State, l.Outcome = l.Inputs, "ok"
	return &rpc.UpdateResponse{Properties: req.GetNews()}, s.record(l)
}

func (s *server) Delete(_ context.Context, req *rpc.DeleteRequest) (*emptypb.Empty, error) {
	l, err := line("delete", "end", req.GetUrn(), req.GetId(), nil)
	if err != nil {
		return nil, err
	}
	l.Outcome = "ok"
	return &emptypb.Empty{}, s.record(l)
}

func (s *server) Invoke(_ context.Context, req *rpc.InvokeRequest) (*rpc.InvokeResponse, error) {
	return &rpc.InvokeResponse{Return: req.GetArgs()}, nil
}

// List pages through what the ledger holds of one type, in the order of the identifiers.
func (s *server) List(req *rpc.ListRequest, stream grpc.ServerStreamingServer[rpc.ListResponse]) error {
	if s.book == nil {
		return status.Error(codes.FailedPrecondition, "there is no ledger to list")
	}
	objects, err := s.book.All()
	if err != nil {
		return err
	}
	sort.Slice(objects, func(i, j int) bool { return objects[i].ID < objects[j].ID })
	start := 0
	if token := req.GetContinuationToken(); token != "" {
		if start, err = strconv.Atoi(token); err != nil {
			return status.Errorf(codes.InvalidArgument, "continuation token %q: %v", token, err)
		}
	}
	sent, next := int32(0), ""
	for i, o := range objects {
		if i < start || o.Type != req.GetToken() {
			continue
		}
		if (req.GetLimit() > 0 && sent >= int32(req.GetLimit())) || (req.GetPageSize() > 0 && sent >= int32(req.GetPageSize())) {
			next = fmt.Sprint(i)
			break
		}
		found := &rpc.ListResponse_Result{Id: o.ID, Name: o.Name}
		if err := stream.Send(&rpc.ListResponse{Response: &rpc.ListResponse_Result_{Result: found}}); err != nil {
			return err
		}
		sent++
	}
	end := &rpc.ListResponse_Continuation{ContinuationToken: next}
	return stream.Send(&rpc.ListResponse{Response: &rpc.ListResponse_Continuation_{Continuation: end}})
}

func (s *server) GetMappings(_ context.Context, req *rpc.GetMappingsRequest) (*rpc.GetMappingsResponse, error) {
	return &rpc.GetMappingsResponse{Providers: []string{"raw-" + req.GetKey()}}, nil
}

func (s *server) GetMapping(_ context.Context, req *rpc.GetMappingRequest) (*rpc.GetMappingResponse, error) {
	return &rpc.GetMappingResponse{
		Provider: "raw-" + req.GetKey(), Data: []byte("mapping of " + req.GetProvider()),
	}, nil
}
