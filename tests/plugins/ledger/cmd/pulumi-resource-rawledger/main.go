// pulumi-resource-rawledger is a provider plugin for tests, made with nothing but the gRPC server of the Go SDK.
//
// By itself it is a plain and honest provider whose one resource takes any inputs. RAWLEDGER_SCRIPT names a JSON file
// with answers that replace its own, word for word, so that a test can let it say what no framework would.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	scripted := answers{path: os.Getenv("RAWLEDGER_SCRIPT")}
	s, err := newServer()
	if err != nil {
		return err
	}
	stop := make(chan bool)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		<-interrupts
		if os.Getenv("RAWLEDGER_DEAF") == "" {
			close(stop)
		}
	}()
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(g *grpc.Server) error {
			rpc.RegisterResourceProviderServer(g, s)
			return nil
		},
		Options: []grpc.ServerOption{grpc.UnaryInterceptor(scripted.intercept)},
	})
	if err != nil {
		return err
	}
	if err := announce(handle.Port); err != nil {
		return err
	}
	return <-handle.Done
}

// announce writes the port line, or what RAWLEDGER_START, a JSON object, wants instead:
//
//	{"stderr": "…", "line": "…", "exit": 3, "silent": true, "more": "…"}
//
// A "%d" in the line is the port.
func announce(port int) error {
	var how struct {
		Stderr, Line, More string
		Exit               *int
		Silent             bool
	}
	if text := os.Getenv("RAWLEDGER_START"); text != "" {
		if err := json.Unmarshal([]byte(text), &how); err != nil {
			return err
		}
	}
	if how.Stderr != "" {
		fmt.Fprintln(os.Stderr, how.Stderr)
	}
	switch {
	case how.Silent:
	case how.Line != "":
		fmt.Print(expand(how.Line, port))
	case how.Exit == nil:
		fmt.Println(port)
	}
	if how.More != "" {
		fmt.Println(how.More)
	}
	if how.Exit != nil {
		os.Exit(*how.Exit)
	}
	return nil
}
