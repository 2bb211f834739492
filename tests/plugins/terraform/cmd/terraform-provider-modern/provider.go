package main

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/metaschema"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"stackwright.test/terraform/internal/cloud"
)

type modern struct{}

type configuration struct {
	Path      types.String `tfsdk:"path"`
	Password  types.String `tfsdk:"password"`
	Limits    types.Object `tfsdk:"limits"`
	Endpoints types.List   `tfsdk:"endpoint"`
}

func (*modern) Metadata(_ context.Context, _ provider.MetadataRequest, answer *provider.MetadataResponse) {
	answer.TypeName, answer.Version = "modern", "1.0.0"
}

func (*modern) Schema(_ context.Context, _ provider.SchemaRequest, answer *provider.SchemaResponse) {
	answer.Schema = schema.Schema{
		MarkdownDescription: "Things in a folder, with **every** feature.",
		Attributes: map[string]schema.Attribute{
			"path":     schema.StringAttribute{Optional: true, Description: "The folder that the objects live in."},
			"password": schema.StringAttribute{Optional: true, Sensitive: true},
			"limits": schema.SingleNestedAttribute{
				Optional: true,
				Attributes: map[string]schema.Attribute{
					"things": schema.Int64Attribute{Optional: true},
					"names":  schema.ListAttribute{Optional: true, ElementType: types.StringType},
				},
			},
		},
		Blocks: map[string]schema.Block{
			"endpoint": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{"url": schema.StringAttribute{Required: true}},
			}},
		},
	}
}

func (*modern) MetaSchema(_ context.Context, _ provider.MetaSchemaRequest, answer *provider.MetaSchemaResponse) {
	answer.Schema = metaschema.Schema{Attributes: map[string]metaschema.Attribute{
		"module": metaschema.StringAttribute{Optional: true},
	}}
}

func (*modern) Configure(ctx context.Context, request provider.ConfigureRequest, answer *provider.ConfigureResponse) {
	var config configuration
	answer.Diagnostics.Append(request.Config.Get(ctx, &config)...)
	if answer.Diagnostics.HasError() {
		return
	}
	if config.Password.ValueString() == "wrong" {
		answer.Diagnostics.AddAttributeError(path.Root("password"), "The password is wrong", "Ask for another.")
		return
	}
	folder := config.Path.ValueString()
	if folder == "" {
		folder = os.Getenv("MODERN_PATH")
	}
	store, err := cloud.Open(folder)
	if err == nil {
		store.Record("configure", "modern", "", map[string]any{"terraform": request.TerraformVersion})
		_, err = store.Fault(ctx, "configure", "modern")
	}
	if err != nil {
		answer.Diagnostics.AddError("Cannot be configured", err.Error())
		return
	}
	answer.ResourceData, answer.DataSourceData, answer.EphemeralResourceData = store, store, store
	answer.ListResourceData, answer.ActionData = store, store
}

func (*modern) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		func() resource.Resource { return &thing{} },
		func() resource.Resource { return &pair{} },
	}
}

func (*modern) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return &thingData{} }}
}

func (*modern) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return &ticket{} }}
}

func (*modern) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{func() list.ListResource { return &thingList{} }}
}

func (*modern) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return &touch{} }}
}

func (*modern) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		func() function.Function { return join{} },
		func() function.Function { return describe{} },
		func() function.Function { return total{} },
		func() function.Function { return refuse{} },
	}
}
