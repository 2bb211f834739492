package main

import (
	"context"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Config is the provider's configuration: a change of region replaces the provider, any other updates it.
type Config struct {
	Path     *string           `pulumi:"path,optional"`
	Token    *string           `pulumi:"token,optional" provider:"secret"`
	Retries  *int              `pulumi:"retries,optional"`
	Dry      *bool             `pulumi:"dry,optional"`
	Labels   map[string]string `pulumi:"labels,optional"`
	Endpoint *ConfigEndpoint   `pulumi:"endpoint,optional"`
	Region   *string           `pulumi:"region,optional"`
}

// ConfigEndpoint is an object within the configuration.
type ConfigEndpoint struct {
	URL     string `pulumi:"url"`
	Timeout *int   `pulumi:"timeout,optional"`
}

// Annotate describes the keys.
func (c *Config) Annotate(a infer.Annotator) {
	a.Describe(&c.Path, "The file that holds the ledger; without it LEDGER_PATH says.")
	a.Describe(&c.Token, "A secret that nobody may see.")
	a.Describe(&c.Region, "Where everything is; the provider is replaced when it changes.")
	a.SetDefault(&c.Retries, 3)
}

// Check refuses a negative number of retries.
func (*Config) Check(ctx context.Context, req infer.CheckRequest) (infer.CheckResponse[*Config], error) {
	// The framework takes the engine's own key for a mistake once Check is written by hand. Without it the answer
	// lacks the version too, which engines put back.
	config, failures, err := infer.DefaultCheck[*Config](ctx, req.NewInputs.Delete("version"))
	if err == nil && config != nil && valueOr(config.Retries, 0) < 0 {
		failures = append(failures, p.CheckFailure{Property: "retries", Reason: "must not be negative"})
	}
	return infer.CheckResponse[*Config]{Inputs: config, Failures: failures}, err
}

// diffConfig names the changed keys. The framework's own would decode the old configuration into the very object that
// the next Configure fills, and mix the two.
func diffConfig(req p.DiffRequest) p.DiffResponse {
	details := map[string]p.PropertyDiff{}
	old, new := resource.ToResourcePropertyMap(req.OldInputs), resource.ToResourcePropertyMap(req.Inputs)
	for _, key := range []resource.PropertyKey{"path", "token", "retries", "dry", "labels", "endpoint", "region"} {
		was, had := old[key]
		is, has := new[key]
		kind := p.Update
		switch {
		case !had && !has, had && has && was.DeepEquals(is):
			continue
		case !had:
			kind = p.Add
		case !has:
			kind = p.Delete
		}
		if key == "region" {
			kind += "&replace"
		}
		details[string(key)] = p.PropertyDiff{Kind: kind, InputDiff: true}
	}
	return p.DiffResponse{HasChanges: len(details) > 0, DetailedDiff: details}
}
