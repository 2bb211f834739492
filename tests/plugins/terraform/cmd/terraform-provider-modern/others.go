package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"stackwright.test/terraform/internal/cloud"
)

type thingData struct{ store *cloud.Cloud }

func (*thingData) Metadata(_ context.Context, request datasource.MetadataRequest, answer *datasource.MetadataResponse) {
	answer.TypeName = request.ProviderTypeName + "_thing"
}

func (*thingData) Schema(_ context.Context, _ datasource.SchemaRequest, answer *datasource.SchemaResponse) {
	answer.Schema = dataschema.Schema{
		Description: "A thing that exists.",
		Attributes: map[string]dataschema.Attribute{
			"name":     dataschema.StringAttribute{Required: true},
			"size":     dataschema.Int64Attribute{Computed: true},
			"revision": dataschema.Int64Attribute{Computed: true},
			"tags":     dataschema.MapAttribute{Computed: true, ElementType: types.StringType},
			"place": dataschema.SingleNestedAttribute{Computed: true, Attributes: map[string]dataschema.Attribute{
				"region": dataschema.StringAttribute{Computed: true},
			}},
		},
	}
}

func (d *thingData) Configure(_ context.Context, request datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.store, _ = request.ProviderData.(*cloud.Cloud)
}

func (d *thingData) Read(ctx context.Context, request datasource.ReadRequest, answer *datasource.ReadResponse) {
	var name string
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	object, err := d.store.Get("thing-" + name)
	if err != nil || object == nil {
		answer.Diagnostics.AddAttributeError(path.Root("name"), "No such thing", fmt.Sprintf("There is no thing named %q.", name))
		return
	}
	for key, value := range map[string]any{
		"name": name, "size": int64(object["size"].(float64)), "revision": int64(object["revision"].(float64)),
	} {
		answer.Diagnostics.Append(answer.State.SetAttribute(ctx, path.Root(key), value)...)
	}
	tags := map[string]string{}
	if found, ok := object["tags"].(map[string]any); ok {
		for key, value := range found {
			tags[key] = fmt.Sprint(value)
		}
	}
	answer.Diagnostics.Append(answer.State.SetAttribute(ctx, path.Root("tags"), tags)...)
	answer.Diagnostics.Append(answer.State.SetAttribute(ctx, path.Root("place").AtName("region"), object["region"].(string))...)
}

// ticket is valid for a while and can be renewed; nothing of it is ever stored.
type ticket struct{ store *cloud.Cloud }

type ticketPrivate struct {
	Audience string `json:"audience"`
	Renewed  int    `json:"renewed"`
	Lifetime int64  `json:"lifetime"`
}

func (*ticket) Metadata(_ context.Context, request ephemeral.MetadataRequest, answer *ephemeral.MetadataResponse) {
	answer.TypeName = request.ProviderTypeName + "_ticket"
}

func (*ticket) Schema(_ context.Context, _ ephemeral.SchemaRequest, answer *ephemeral.SchemaResponse) {
	answer.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"audience": ephemeralschema.StringAttribute{Required: true},
		"lifetime": ephemeralschema.Int64Attribute{Optional: true, Description: "Milliseconds until it needs renewal."},
		"text":     ephemeralschema.StringAttribute{Computed: true, Sensitive: true},
	}}
}

func (t *ticket) Configure(_ context.Context, request ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	t.store, _ = request.ProviderData.(*cloud.Cloud)
}

func (t *ticket) ValidateConfig(ctx context.Context, request ephemeral.ValidateConfigRequest, answer *ephemeral.ValidateConfigResponse) {
	var audience types.String
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("audience"), &audience)...)
	if audience.ValueString() == "nobody" {
		answer.Diagnostics.AddAttributeError(path.Root("audience"), "Nobody", "A ticket is for somebody.")
	}
}

func (t *ticket) Open(ctx context.Context, request ephemeral.OpenRequest, answer *ephemeral.OpenResponse) {
	var audience types.String
	var lifetime types.Int64
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("audience"), &audience)...)
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("lifetime"), &lifetime)...)
	t.store.Record("open", "modern_ticket", audience.ValueString(), nil)
	if _, err := t.store.Fault(ctx, "open", audience.ValueString()); err != nil {
		answer.Diagnostics.AddError("Not opened", err.Error())
		return
	}
	answer.Diagnostics.Append(answer.Result.SetAttribute(ctx, path.Root("audience"), audience)...)
	answer.Diagnostics.Append(answer.Result.SetAttribute(ctx, path.Root("lifetime"), lifetime)...)
	answer.Diagnostics.Append(answer.Result.SetAttribute(ctx, path.Root("text"), "ticket-for-"+audience.ValueString())...)
	private, _ := json.Marshal(ticketPrivate{audience.ValueString(), 0, lifetime.ValueInt64()})
	answer.Diagnostics.Append(answer.Private.SetKey(ctx, "ticket", private)...)
	if !lifetime.IsNull() {
		answer.RenewAt = time.Now().Add(time.Duration(lifetime.ValueInt64()) * time.Millisecond)
	}
}

func (t *ticket) Renew(ctx context.Context, request ephemeral.RenewRequest, answer *ephemeral.RenewResponse) {
	var private ticketPrivate
	data, _ := request.Private.GetKey(ctx, "ticket")
	if err := json.Unmarshal(data, &private); err != nil {
		answer.Diagnostics.AddError("Not renewed", err.Error())
		return
	}
	private.Renewed++
	t.store.Record("renew", "modern_ticket", private.Audience, map[string]any{"renewed": private.Renewed})
	data, _ = json.Marshal(private)
	answer.Diagnostics.Append(answer.Private.SetKey(ctx, "ticket", data)...)
	answer.RenewAt = time.Now().Add(time.Duration(private.Lifetime) * time.Millisecond)
}

func (t *ticket) Close(ctx context.Context, request ephemeral.CloseRequest, answer *ephemeral.CloseResponse) {
	var private ticketPrivate
	data, _ := request.Private.GetKey(ctx, "ticket")
	if err := json.Unmarshal(data, &private); err != nil {
		answer.Diagnostics.AddError("Not closed", err.Error())
		return
	}
	t.store.Record("close", "modern_ticket", private.Audience, map[string]any{"renewed": private.Renewed})
}

// thingList finds the things there are.
type thingList struct{ store *cloud.Cloud }

func (*thingList) Metadata(_ context.Context, request resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = request.ProviderTypeName + "_thing"
}

func (*thingList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, answer *list.ListResourceSchemaResponse) {
	answer.Schema = listschema.Schema{Attributes: map[string]listschema.Attribute{
		"prefix": listschema.StringAttribute{Optional: true},
	}}
}

func (l *thingList) Configure(_ context.Context, request resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	l.store, _ = request.ProviderData.(*cloud.Cloud)
}

func (l *thingList) List(ctx context.Context, request list.ListRequest, stream *list.ListResultsStream) {
	var prefix types.String
	problems := request.Config.GetAttribute(ctx, path.Root("prefix"), &prefix)
	if problems.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(problems)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		count := int64(0)
		for _, id := range l.store.IDs() {
			name := strings.TrimPrefix(id, "thing-")
			if !strings.HasPrefix(name, prefix.ValueString()) {
				continue
			}
			if request.Limit > 0 && count >= request.Limit {
				return
			}
			count++
			result := request.NewListResult(ctx)
			result.DisplayName = "The thing " + name
			result.Diagnostics.Append(result.Identity.Set(ctx, thingIdentity{types.StringValue(name), types.StringValue("here")})...)
			if request.IncludeResource {
				result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("id"), id)...)
				result.Diagnostics.Append(result.Resource.SetAttribute(ctx, path.Root("name"), name)...)
			}
			if !push(result) {
				return
			}
		}
	}
}

// touch raises the revision of a thing.
type touch struct{ store *cloud.Cloud }

func (*touch) Metadata(_ context.Context, request action.MetadataRequest, answer *action.MetadataResponse) {
	answer.TypeName = request.ProviderTypeName + "_touch"
}

func (*touch) Schema(_ context.Context, _ action.SchemaRequest, answer *action.SchemaResponse) {
	answer.Schema = actionschema.Schema{Attributes: map[string]actionschema.Attribute{
		"name":  actionschema.StringAttribute{Required: true},
		"times": actionschema.Int64Attribute{Optional: true},
	}}
}

func (t *touch) Configure(_ context.Context, request action.ConfigureRequest, _ *action.ConfigureResponse) {
	t.store, _ = request.ProviderData.(*cloud.Cloud)
}

func (t *touch) Invoke(ctx context.Context, request action.InvokeRequest, answer *action.InvokeResponse) {
	var name types.String
	var times types.Int64
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("name"), &name)...)
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("times"), &times)...)
	object, err := t.store.Get("thing-" + name.ValueString())
	if err != nil || object == nil {
		answer.Diagnostics.AddAttributeError(path.Root("name"), "No such thing", fmt.Sprintf("There is no thing named %q.", name.ValueString()))
		return
	}
	for i := int64(0); i < max(times.ValueInt64(), 1); i++ {
		object["revision"] = object["revision"].(float64) + 1
		answer.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf("touched %d times", i+1)})
	}
	if err := t.store.Put("thing-"+name.ValueString(), object); err != nil {
		answer.Diagnostics.AddError("Not touched", err.Error())
	}
}
