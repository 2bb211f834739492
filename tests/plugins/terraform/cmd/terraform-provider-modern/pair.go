package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// pair is a small resource without an object behind it: what it is made of is all in the state, and it has no id.
type pair struct{}

type pairModel struct {
	Left  types.String `tfsdk:"left"`
	Right types.String `tfsdk:"right"`
	Both  types.String `tfsdk:"both"`
}

func (*pair) Metadata(_ context.Context, request resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = request.ProviderTypeName + "_pair"
}

func (*pair) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	answer.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"left":  schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
		"right": schema.StringAttribute{Optional: true},
		"both":  schema.StringAttribute{Computed: true},
	}}
}

func (*pair) Create(ctx context.Context, request resource.CreateRequest, answer *resource.CreateResponse) {
	var plan pairModel
	answer.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	plan.Both = types.StringValue(plan.Left.ValueString() + plan.Right.ValueString())
	answer.Diagnostics.Append(answer.State.Set(ctx, plan)...)
}

func (*pair) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (*pair) Update(ctx context.Context, request resource.UpdateRequest, answer *resource.UpdateResponse) {
	var plan pairModel
	answer.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	plan.Both = types.StringValue(plan.Left.ValueString() + plan.Right.ValueString())
	answer.Diagnostics.Append(answer.State.Set(ctx, plan)...)
}

func (*pair) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
