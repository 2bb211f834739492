package main

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	rpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// server stands in front of the framework's own server and adds what the framework has no words for: the proposed
// names and the random seed of Check, refresh before update, and answers to Diff that are less than complete.
type server struct {
	rpc.ResourceProviderServer
	host          *provider.HostClient
	refreshBefore bool
}

type naming struct {
	seed     []byte
	proposed string
	mode     rpc.CheckRequest_AutonamingOptions_Mode
	given    bool
}

type (
	namingKey struct{}
	hostKey   struct{}
)

func (s *server) Handshake(
	ctx context.Context, req *rpc.ProviderHandshakeRequest,
) (*rpc.ProviderHandshakeResponse, error) {
	if address := req.GetEngineAddress(); address != "" {
		host, err := provider.NewHostClient(address)
		if err != nil {
			return nil, err
		}
		s.host = host
	}
	s.refreshBefore = req.GetSupportsRefreshBeforeUpdate()
	return s.ResourceProviderServer.Handshake(ctx, req)
}

func (s *server) Check(ctx context.Context, req *rpc.CheckRequest) (*rpc.CheckResponse, error) {
	n := naming{seed: req.GetRandomSeed()}
	if a := req.GetAutonaming(); a != nil {
		n.proposed, n.mode, n.given = a.GetProposedName(), a.GetMode(), true
	}
	return s.ResourceProviderServer.Check(context.WithValue(ctx, namingKey{}, n), req)
}

func (s *server) Diff(ctx context.Context, req *rpc.DiffRequest) (*rpc.DiffResponse, error) {
	resp, err := s.ResourceProviderServer.Diff(ctx, req)
	if err != nil {
		return nil, err
	}
	switch req.GetNews().GetFields()["style"].GetStringValue() {
	case "plain": // keys, but no details
		resp.HasDetailedDiff, resp.DetailedDiff = false, nil
	case "unknown": // "find out yourself"
		resp = &rpc.DiffResponse{Changes: rpc.DiffResponse_DIFF_UNKNOWN}
	case "some": // "something, I will not say what"
		resp = &rpc.DiffResponse{Changes: rpc.DiffResponse_DIFF_SOME}
	case "none":
		resp = &rpc.DiffResponse{Changes: rpc.DiffResponse_DIFF_NONE}
	}
	return resp, nil
}

func (s *server) Create(ctx context.Context, req *rpc.CreateRequest) (*rpc.CreateResponse, error) {
	resp, err := s.ResourceProviderServer.Create(s.hosted(ctx), req)
	if err == nil {
		resp.RefreshBeforeUpdate = s.wantsRefresh(resp.GetProperties())
	}
	return resp, err
}

func (s *server) Read(ctx context.Context, req *rpc.ReadRequest) (*rpc.ReadResponse, error) {
	resp, err := s.ResourceProviderServer.Read(s.hosted(ctx), req)
	if err == nil {
		resp.RefreshBeforeUpdate = s.wantsRefresh(resp.GetProperties())
	}
	return resp, err
}

func (s *server) Update(ctx context.Context, req *rpc.UpdateRequest) (*rpc.UpdateResponse, error) {
	resp, err := s.ResourceProviderServer.Update(s.hosted(ctx), req)
	if err == nil {
		resp.RefreshBeforeUpdate = s.wantsRefresh(resp.GetProperties())
	}
	return resp, err
}

func (s *server) wantsRefresh(properties *structpb.Struct) bool {
	return s.refreshBefore && properties.GetFields()["refreshBeforeUpdate"].GetBoolValue()
}

func (s *server) hosted(ctx context.Context) context.Context {
	return context.WithValue(ctx, hostKey{}, s.host)
}

var severities = map[string]diag.Severity{
	"debug": diag.Debug, "info": diag.Info, "warning": diag.Warning, "error": diag.Error,
}
