// Package faults lets any call to a provider go wrong, whichever framework answers it.
package faults

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// The variable that names the file of faults: {"GetProviderSchema": "panic"}, by the call's name in the protocol.
const variable = "STACKWRIGHT_TEST_FAULTS"

const largestMessage = 256 << 20

var handshake = plugin.HandshakeConfig{
	MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
	MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
}

// Wanted says whether this process was given a file of faults.
func Wanted() bool { return os.Getenv(variable) != "" }

// Serve serves provider as its framework would, with a look at the faults before and after every call.
func Serve(protocol uint, provider plugin.Plugin) {
	handshake.ProtocolVersion = protocol
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: handshake,
		Plugins:         plugin.PluginSet{"provider": provider},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(
				options,
				grpc.MaxRecvMsgSize(largestMessage), grpc.MaxSendMsgSize(largestMessage),
				grpc.UnaryInterceptor(unary), grpc.StreamInterceptor(stream),
			)...)
		},
	})
}

func unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	call := path.Base(info.FullMethod)
	happen(call)
	answer, err := handle(ctx, request)
	happen("after " + call)
	return answer, err
}

func stream(server any, calls grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	call := path.Base(info.FullMethod)
	happen(call)
	err := handle(server, calls)
	happen("after " + call)
	return err
}

// happen plays the fault of a call, if it has one; the file is read anew each time.
func happen(call string) {
	var faults map[string]string
	data, err := os.ReadFile(os.Getenv(variable))
	if err == nil {
		err = json.Unmarshal(data, &faults)
	}
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		panic(err)
	}
	word, place, _ := strings.Cut(faults[call], ":")
	switch word {
	case "panic":
		panic("the test wanted " + call + " to panic")
	case "exit":
		os.Exit(3)
	case "wait": // tells whoever reads the pipe at place which process is in the middle of the call
		os.WriteFile(place, []byte(strconv.Itoa(syscall.Getpid())+"\n"), 0)
		select {}
	}
}
