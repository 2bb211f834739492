package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"

	"stackwright.test/ledger/internal/script"
)

// answers replaces what the server would say by what a file of rules says at that moment.
type answers struct {
	path string
	mu   sync.Mutex
	used map[string]int
}

// answer is one rule. Without "error", "response" or an effect the server speaks for itself.
type answer struct {
	Method string `json:"method"`         // Check, Diff, Configure, … ; "*" is every method
	Name   string `json:"name,omitempty"` // only for the resource with this name
	Token  string `json:"token,omitempty"`
	Times  int    `json:"times,omitempty"` // at most so often by one process; 0 is always
	After  bool   `json:"after,omitempty"` // let the server do its work first, then hide its answer

	Stderr  string  `json:"stderr,omitempty"`
	Stdout  string  `json:"stdout,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	Hang    bool    `json:"hang,omitempty"`
	Exit    *int    `json:"exit,omitempty"`

	Response json.RawMessage `json:"response,omitempty"` // the answer, as protobuf JSON
	Merge    json.RawMessage `json:"merge,omitempty"`    // fields that replace those of the server's own answer
	Error    *failure        `json:"error,omitempty"`
}

// failure is a gRPC status. Each detail is protobuf JSON with its type under "@type".
type failure struct {
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Details []json.RawMessage `json:"details,omitempty"`
}

func expand(text string, port int) string { return strings.ReplaceAll(text, "%d", strconv.Itoa(port)) }

func (a *answers) rules() ([]answer, error) {
	if a.path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(a.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rules []answer
	if err := json.Unmarshal(text, &rules); err != nil {
		return nil, fmt.Errorf("script %s: %w", a.path, err)
	}
	return rules, nil
}

func (a *answers) intercept(
	ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler,
) (any, error) {
	method := path.Base(info.FullMethod)
	rules, err := a.rules()
	if err != nil {
		return nil, err
	}
	for i, rule := range rules {
		if !rule.matches(method, req) || a.spent(i, rule) {
			continue
		}
		return rule.play(ctx, req, info.FullMethod, handler)
	}
	return handler(ctx, req)
}

// matches looks at whatever names the request carries.
func (r answer) matches(method string, req any) bool {
	if r.Method != method && r.Method != "*" {
		return false
	}
	if named, ok := req.(interface{ GetName() string }); r.Name != "" && (!ok || named.GetName() != r.Name) {
		return false
	}
	if r.Token == "" {
		return true
	}
	if typed, ok := req.(interface{ GetType() string }); ok && typed.GetType() == r.Token {
		return true
	}
	tokened, ok := req.(interface{ GetTok() string })
	return ok && tokened.GetTok() == r.Token
}

func (a *answers) spent(index int, rule answer) bool {
	if rule.Times == 0 {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.used == nil {
		a.used = map[string]int{}
	}
	key := rule.Method + "/" + rule.Name + "/" + strconv.Itoa(index)
	a.used[key]++
	return a.used[key] > rule.Times
}

func (r answer) play(ctx context.Context, req any, fullMethod string, handler grpc.UnaryHandler) (any, error) {
	var own any
	if r.After || len(r.Merge) > 0 || (r.Error == nil && len(r.Response) == 0) {
		if !r.After {
			if err := r.effects(ctx); err != nil {
				return nil, err
			}
		}
		resp, err := handler(ctx, req)
		if err != nil {
			return nil, err
		}
		own = resp
	}
	if r.After || own == nil {
		if err := r.effects(ctx); err != nil {
			return nil, err
		}
	}
	switch {
	case r.Error != nil:
		return nil, r.Error.status()
	case len(r.Response) > 0:
		return parse(fullMethod, r.Response)
	case len(r.Merge) > 0:
		return merge(fullMethod, own, r.Merge)
	}
	return own, nil
}

func (r answer) effects(ctx context.Context) error {
	if r.Stdout != "" {
		fmt.Println(r.Stdout)
	}
	if r.Stderr != "" {
		fmt.Fprintln(os.Stderr, r.Stderr)
	}
	if r.Exit != nil {
		os.Exit(*r.Exit)
	}
	if r.Hang {
		<-ctx.Done()
		return status.Error(codes.Canceled, "cancelled while hanging")
	}
	if r.Seconds > 0 {
		return script.Sleep(ctx, r.Seconds)
	}
	return nil
}

func (f *failure) status() error {
	s := status.New(script.Code(f.Code), f.Message).Proto()
	for _, raw := range f.Details {
		detail := &anypb.Any{}
		if err := protojson.Unmarshal(raw, detail); err != nil {
			return status.Errorf(codes.Internal, "the script's error detail is malformed: %v", err)
		}
		s.Details = append(s.Details, detail)
	}
	return status.ErrorProto(s)
}

// empty returns a new answer of the method's type.
func empty(fullMethod string) (proto.Message, error) {
	service, method, _ := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		return nil, err
	}
	m := found.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(method))
	kind, err := protoregistry.GlobalTypes.FindMessageByName(m.Output().FullName())
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}

func parse(fullMethod string, text []byte) (proto.Message, error) {
	message, err := empty(fullMethod)
	if err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(text, message); err != nil {
		return nil, status.Errorf(codes.Internal, "the script's response is malformed: %v", err)
	}
	return message, nil
}

// merge replaces, of the server's own answer, the top-level fields that the text sets.
func merge(fullMethod string, own any, text []byte) (proto.Message, error) {
	changes, err := parse(fullMethod, text)
	if err != nil {
		return nil, err
	}
	result := proto.Clone(own.(proto.Message))
	changes.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		result.ProtoReflect().Set(field, value)
		return true
	})
	return result, nil
}
