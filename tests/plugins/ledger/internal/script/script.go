// Package script lets tests decide how the test plugins misbehave.
//
// A script is a JSON file with a list of rules. It is read again for every call, so that a test can change what
// happens next while the plugin runs, and the next try of the same program can succeed.
package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Rule is one thing that goes wrong. The zero value of a condition matches everything.
type Rule struct {
	// Conditions.
	On     string `json:"on"`               // the operation: create, update, delete, read, check, diff, invoke, …
	Name   string `json:"name,omitempty"`   // only the resource with this name
	Type   string `json:"type,omitempty"`   // only resources (or functions) with this token
	Phase  string `json:"phase,omitempty"`  // "before" (default) or "after" the effect took place
	Times  int    `json:"times,omitempty"`  // at most so often, counted across processes; 0 is always
	Unless string `json:"unless,omitempty"` // not while this file exists
	ID     string `json:"id,omitempty"`     // names the counter of Times; default: on, name and type

	// Effects.
	Kind    string   `json:"kind"` // fail, init, exit, panic, hang, delay
	Message string   `json:"message,omitempty"`
	Reasons []string `json:"reasons,omitempty"` // of kind init
	Code    string   `json:"code,omitempty"`    // of kind fail: a gRPC status name; default UNKNOWN
	Status  int      `json:"status,omitempty"`  // of kind exit
	Seconds float64  `json:"seconds,omitempty"` // of kind delay
}

// Call says which operation is asking.
type Call struct {
	On, Name, Type, Phase string
}

// Partial is the answer of kind init: the operation took place, but the resource is not healthy.
type Partial struct{ Reasons []string }

func (p *Partial) Error() string { return "the resource did not become ready" }

// Script is a file of rules that may change at any time; an empty path means there are none.
type Script struct{ Path string }

// Rules returns what the file says at this moment. A missing file has no rules.
func (s Script) Rules() ([]Rule, error) {
	if s.Path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rules []Rule
	if err := json.Unmarshal(text, &rules); err != nil {
		return nil, fmt.Errorf("script %s: %w", s.Path, err)
	}
	return rules, nil
}

// Play carries out every rule that matches, in order: first those of the file, then the ones given. It returns the
// first error that a rule asks for, and does not return at all for exit and panic.
func (s Script) Play(ctx context.Context, call Call, more []Rule) error {
	rules, err := s.Rules()
	if err != nil {
		return err
	}
	for _, rule := range append(rules, more...) {
		if !rule.matches(call) {
			continue
		}
		spent, err := s.spent(rule)
		if err != nil {
			return err
		}
		if spent {
			continue
		}
		if err := rule.play(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r Rule) matches(call Call) bool {
	phase := r.Phase
	if phase == "" {
		phase = "before"
	}
	// A resource that exists but is not ready has been made first.
	if r.Kind == "init" {
		phase = "init"
	}
	if r.On != call.On || phase != call.Phase {
		return false
	}
	if (r.Name != "" && r.Name != call.Name) || (r.Type != "" && r.Type != call.Type) {
		return false
	}
	if r.Unless != "" {
		if _, err := os.Stat(r.Unless); err == nil {
			return false
		}
	}
	return true
}

// spent counts the uses of a rule in files beside the script, since a process that ends loses its memory.
func (s Script) spent(rule Rule) (bool, error) {
	if rule.Times == 0 {
		return false, nil
	}
	id := rule.ID
	if id == "" {
		id = rule.On + "." + rule.Name
	}
	stem := s.Path
	if stem == "" {
		stem = os.Getenv("LEDGER_PATH")
	}
	for n := range rule.Times {
		f, err := os.OpenFile(stem+".used."+id+"."+strconv.Itoa(n), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		return false, f.Close()
	}
	return true, nil
}

func (r Rule) play(ctx context.Context) error {
	message := r.Message
	if message == "" {
		message = "the script says " + r.Kind
	}
	switch r.Kind {
	case "delay":
		return Sleep(ctx, r.Seconds)
	case "hang":
		<-ctx.Done()
		return status.Error(codes.Canceled, "cancelled while hanging")
	case "stuck": // unlike hang, deaf to cancellation
		select {}
	case "exit":
		fmt.Fprintln(os.Stderr, message)
		os.Exit(r.Status)
	case "panic":
		// Outside of the call's own goroutine nothing can recover it, as with a bug in a provider's background work.
		go panic(message)
		select {}
	case "init":
		return &Partial{Reasons: r.Reasons}
	case "fail":
		return status.Error(Code(r.Code), message)
	}
	return fmt.Errorf("script: %q is not a kind of fault", r.Kind)
}

// Sleep waits, but not longer than the call is wanted.
func Sleep(ctx context.Context, seconds float64) error {
	timer := time.NewTimer(time.Duration(seconds * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return status.Error(codes.Canceled, "cancelled while working")
	}
}

// Code returns the gRPC code with this name, UNKNOWN for none.
func Code(name string) codes.Code {
	code := codes.Unknown
	if name != "" {
		if err := code.UnmarshalJSON([]byte(strconv.Quote(name))); err != nil {
			panic(err)
		}
	}
	return code
}
