package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"stackwright.test/terraform/internal/cloud"
)

// thing has every feature of the framework that shows in the protocol.
type thing struct{ store *cloud.Cloud }

type thingModel struct {
	ID              types.String   `tfsdk:"id"`
	Name            types.String   `tfsdk:"name"`
	Size            types.Int64    `tfsdk:"size"`
	Ratio           types.Float64  `tfsdk:"ratio"`
	Exact           types.Number   `tfsdk:"exact"`
	Enabled         types.Bool     `tfsdk:"enabled"`
	Note            types.String   `tfsdk:"note"`
	Tags            types.Map      `tfsdk:"tags"`
	Zones           types.List     `tfsdk:"zones"`
	Labels          types.Set      `tfsdk:"labels"`
	Pair            types.Object   `tfsdk:"pair"`
	Anything        types.Dynamic  `tfsdk:"anything"`
	Region          types.String   `tfsdk:"region"`
	Token           types.String   `tfsdk:"token"`
	SecretWO        types.String   `tfsdk:"secret_wo"`
	SecretWOVersion types.Int64    `tfsdk:"secret_wo_version"`
	OldName         types.String   `tfsdk:"old_name"`
	Revision        types.Int64    `tfsdk:"revision"`
	Fingerprint     types.String   `tfsdk:"fingerprint"`
	Disk            *diskModel     `tfsdk:"disk"`
	Steps           []stepModel    `tfsdk:"steps"`
	Rules           []ruleModel    `tfsdk:"rules"`
	Endpoints       types.Map      `tfsdk:"endpoints"`
	Status          types.List     `tfsdk:"status"`
	Network         *networkModel  `tfsdk:"network"`
	Volume          []volumeModel  `tfsdk:"volume"`
	Grant           []grantModel   `tfsdk:"grant"`
	Timeouts        timeouts.Value `tfsdk:"timeouts"`
}

type diskModel struct {
	Kind   types.String `tfsdk:"kind"`
	Size   types.Int64  `tfsdk:"size"`
	Serial types.String `tfsdk:"serial"`
}

type stepModel struct {
	Name  types.String `tfsdk:"name"`
	Hash  types.String `tfsdk:"hash"`
	Hooks []hookModel  `tfsdk:"hooks"`
}

type hookModel struct {
	Command types.String `tfsdk:"command"`
	Env     types.Map    `tfsdk:"env"`
}

type ruleModel struct {
	Port  types.Int64  `tfsdk:"port"`
	Cidrs types.Set    `tfsdk:"cidrs"`
	Key   types.String `tfsdk:"key"`
}

type networkModel struct {
	Cidr types.String `tfsdk:"cidr"`
}

type volumeModel struct {
	Name  types.String `tfsdk:"name"`
	Size  types.Int64  `tfsdk:"size"`
	Mount []mountModel `tfsdk:"mount"`
}

type mountModel struct {
	Path types.String `tfsdk:"path"`
}

type grantModel struct {
	To types.String `tfsdk:"to"`
}

type thingIdentity struct {
	Name   types.String `tfsdk:"name"`
	Region types.String `tfsdk:"region"`
}

var statusType = types.ObjectType{AttrTypes: map[string]attr.Type{"state": types.StringType, "since": types.Int64Type}}

func (*thing) Metadata(_ context.Context, request resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = request.ProviderTypeName + "_thing"
}

func (*thing) Schema(ctx context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	answer.Schema = schema.Schema{
		Version:             1,
		MarkdownDescription: "A thing, with `everything` to it.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, PlanModifiers: keep},
			"name": schema.StringAttribute{
				Required: true, Description: "What it is called.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"size":      schema.Int64Attribute{Optional: true, Computed: true, Default: int64default.StaticInt64(1)},
			"ratio":     schema.Float64Attribute{Optional: true},
			"exact":     schema.NumberAttribute{Optional: true, Description: "As many digits as you like."},
			"enabled":   schema.BoolAttribute{Optional: true, Computed: true, Default: booldefault.StaticBool(true)},
			"note":      schema.StringAttribute{Optional: true},
			"tags":      schema.MapAttribute{Optional: true, ElementType: types.StringType},
			"zones":     schema.ListAttribute{Optional: true, ElementType: types.StringType},
			"labels":    schema.SetAttribute{Optional: true, ElementType: types.StringType},
			"pair":      schema.ObjectAttribute{Optional: true, AttributeTypes: map[string]attr.Type{"left": types.StringType, "right": types.Int64Type}},
			"anything":  schema.DynamicAttribute{Optional: true},
			"region":    schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()}},
			"token":     schema.StringAttribute{Optional: true, Sensitive: true},
			"secret_wo": schema.StringAttribute{Optional: true, Sensitive: true, WriteOnly: true},

			"secret_wo_version": schema.Int64Attribute{Optional: true},
			"old_name":          schema.StringAttribute{Optional: true, DeprecationMessage: "Use `note` instead."},
			"revision":          schema.Int64Attribute{Computed: true},
			"fingerprint":       schema.StringAttribute{Computed: true},
			"disk": schema.SingleNestedAttribute{
				Optional: true,
				Attributes: map[string]schema.Attribute{
					"kind":   schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
					"size":   schema.Int64Attribute{Optional: true, Computed: true, Default: int64default.StaticInt64(10)},
					"serial": schema.StringAttribute{Computed: true, PlanModifiers: keep},
				},
			},
			"steps": schema.ListNestedAttribute{
				Optional: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{Required: true},
					"hash": schema.StringAttribute{Computed: true},
					"hooks": schema.ListNestedAttribute{
						Optional: true,
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"command": schema.StringAttribute{Required: true},
							"env":     schema.MapAttribute{Optional: true, ElementType: types.StringType},
						}},
					},
				}},
			},
			"rules": schema.SetNestedAttribute{
				Optional: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"port":  schema.Int64Attribute{Required: true},
					"cidrs": schema.SetAttribute{Optional: true, ElementType: types.StringType},
					"key":   schema.StringAttribute{Computed: true},
				}},
			},
			"endpoints": schema.MapNestedAttribute{
				Optional: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"url": schema.StringAttribute{Required: true},
					"key": schema.StringAttribute{Optional: true, Sensitive: true},
				}},
			},
			"status": schema.ListNestedAttribute{
				Computed: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"state": schema.StringAttribute{Computed: true},
					"since": schema.Int64Attribute{Computed: true},
				}},
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{Create: true, Delete: true}),
		},
		Blocks: map[string]schema.Block{
			"network": schema.SingleNestedBlock{
				Attributes: map[string]schema.Attribute{"cidr": schema.StringAttribute{Optional: true}},
			},
			"volume": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{Required: true},
					"size": schema.Int64Attribute{Optional: true, Computed: true, Default: int64default.StaticInt64(5)},
				},
				Blocks: map[string]schema.Block{
					"mount": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
						Attributes: map[string]schema.Attribute{"path": schema.StringAttribute{Required: true}},
					}},
				},
			}},
			"grant": schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{"to": schema.StringAttribute{Required: true}},
			}},
		},
	}
}

func (*thing) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, answer *resource.IdentitySchemaResponse) {
	answer.IdentitySchema = identityschema.Schema{
		Version: 1,
		Attributes: map[string]identityschema.Attribute{
			"name":   identityschema.StringAttribute{RequiredForImport: true, Description: "The thing's name."},
			"region": identityschema.StringAttribute{OptionalForImport: true},
		},
	}
}

func (t *thing) Configure(_ context.Context, request resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	t.store, _ = request.ProviderData.(*cloud.Cloud)
}

func (t *thing) ValidateConfig(ctx context.Context, request resource.ValidateConfigRequest, answer *resource.ValidateConfigResponse) {
	var size types.Int64
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("size"), &size)...)
	if size.ValueInt64() > 1000 {
		answer.Diagnostics.AddAttributeError(path.Root("size"), "Too large", "A thing is no larger than 1000.")
	}
	var rules types.Set
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("rules"), &rules)...)
	if len(rules.Elements()) > 3 {
		answer.Diagnostics.AddAttributeWarning(path.Root("rules"), "Many rules", "More than three are hard to understand.")
	}
}

func (t *thing) Create(ctx context.Context, request resource.CreateRequest, answer *resource.CreateResponse) {
	var plan thingModel
	answer.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	if answer.Diagnostics.HasError() {
		return
	}
	name := plan.Name.ValueString()
	timeout, problems := plan.Timeouts.Create(ctx, 20*time.Minute)
	answer.Diagnostics.Append(problems...)
	var secret types.String
	answer.Diagnostics.Append(request.Config.GetAttribute(ctx, path.Root("secret_wo"), &secret)...)
	t.store.Record("create", "modern_thing", name, map[string]any{
		"timeout": timeout.String(), "secret_length": len(secret.ValueString()),
	})
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	fault, err := t.store.Fault(ctx, "create", name)
	if err != nil {
		answer.Diagnostics.AddError("Not created", err.Error())
		return
	}
	if fault == "vanish" {
		return
	}
	plan.ID = types.StringValue("thing-" + name)
	answer.Diagnostics.Append(t.save(ctx, &plan, 1)...)
	if fault == "inconsistent" {
		plan.Note = types.StringValue("not what you asked for")
	}
	answer.Diagnostics.Append(answer.State.Set(ctx, plan)...)
	answer.Diagnostics.Append(answer.Identity.Set(ctx, thingIdentity{plan.Name, plan.Region})...)
	answer.Diagnostics.Append(answer.Private.SetKey(ctx, "made", []byte(`{"by":"create","of":"`+name+`"}`))...)
	switch fault {
	case "partial":
		answer.Diagnostics.AddError("Half done", "The thing exists, but it is not well.")
	case "warn":
		answer.Diagnostics.AddAttributeWarning(path.Root("steps").AtListIndex(0).AtName("name"), "Look out", "It worked this time.")
	}
}

func (t *thing) save(ctx context.Context, plan *thingModel, revision int64) diag.Diagnostics {
	name := plan.Name.ValueString()
	if plan.Region.IsUnknown() || plan.Region.IsNull() {
		plan.Region = types.StringValue("here")
	}
	plan.Revision = types.Int64Value(revision)
	plan.Fingerprint = types.StringValue(fmt.Sprintf("%s-%d-%d", name, plan.Size.ValueInt64(), revision))
	if plan.Disk != nil {
		plan.Disk.Serial = types.StringValue("serial-" + name)
	}
	for i := range plan.Steps {
		plan.Steps[i].Hash = types.StringValue(strings.ToUpper(plan.Steps[i].Name.ValueString()))
	}
	for i := range plan.Rules {
		plan.Rules[i].Key = types.StringValue(fmt.Sprintf("key-%d", plan.Rules[i].Port.ValueInt64()))
	}
	status, problems := types.ListValue(statusType, []attr.Value{types.ObjectValueMust(statusType.AttrTypes, map[string]attr.Value{
		"state": types.StringValue("ready"), "since": types.Int64Value(revision),
	})})
	plan.Status = status
	plan.SecretWO = types.StringNull()
	err := t.store.Put(plan.ID.ValueString(), cloud.Object{
		"name": name, "size": plan.Size.ValueInt64(), "note": plan.Note.ValueStringPointer(),
		"region": plan.Region.ValueString(), "enabled": plan.Enabled.ValueBool(), "revision": revision,
		"tags": plain(ctx, plan.Tags), "token": plan.Token.ValueStringPointer(),
	})
	if err != nil {
		problems.AddError("Not saved", err.Error())
	}
	return problems
}

func plain(ctx context.Context, tags types.Map) map[string]string {
	var found map[string]string
	tags.ElementsAs(ctx, &found, false)
	return found
}

func (t *thing) Read(ctx context.Context, request resource.ReadRequest, answer *resource.ReadResponse) {
	var state thingModel
	answer.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if answer.Diagnostics.HasError() {
		return
	}
	name := strings.TrimPrefix(state.ID.ValueString(), "thing-")
	made, _ := request.Private.GetKey(ctx, "made")
	t.store.Record("read", "modern_thing", name, map[string]any{"private": string(made)})
	_, err := t.store.Fault(ctx, "read", name)
	var object cloud.Object
	if err == nil {
		object, err = t.store.Get(state.ID.ValueString())
	}
	if err != nil {
		answer.Diagnostics.AddError("Not read", err.Error())
		return
	}
	if object == nil {
		answer.State.RemoveResource(ctx)
		return
	}
	state.Name = types.StringValue(object["name"].(string))
	state.Size = types.Int64Value(int64(object["size"].(float64)))
	state.Region = types.StringValue(object["region"].(string))
	state.Enabled = types.BoolValue(object["enabled"].(bool))
	state.Revision = types.Int64Value(int64(object["revision"].(float64)))
	state.Note = types.StringNull()
	if note, ok := object["note"].(string); ok {
		state.Note = types.StringValue(note)
	}
	if tags, ok := object["tags"].(map[string]any); ok {
		found, problems := types.MapValueFrom(ctx, types.StringType, tags)
		if problems.HasError() { // a map of any is not a map of strings
			texts := map[string]attr.Value{}
			for key, value := range tags {
				texts[key] = types.StringValue(fmt.Sprint(value))
			}
			found = types.MapValueMust(types.StringType, texts)
		}
		state.Tags = found
	}
	answer.Diagnostics.Append(answer.State.Set(ctx, state)...)
	answer.Diagnostics.Append(answer.Identity.Set(ctx, thingIdentity{state.Name, state.Region})...)
	answer.Private.SetKey(ctx, "looked", []byte(`{"at":"it"}`))
}

func (t *thing) Update(ctx context.Context, request resource.UpdateRequest, answer *resource.UpdateResponse) {
	var plan, state thingModel
	answer.Diagnostics.Append(request.Plan.Get(ctx, &plan)...)
	answer.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if answer.Diagnostics.HasError() {
		return
	}
	name := plan.Name.ValueString()
	t.store.Record("update", "modern_thing", name, nil)
	fault, err := t.store.Fault(ctx, "update", name)
	if err != nil {
		answer.Diagnostics.AddError("Not updated", err.Error())
		return
	}
	plan.ID = state.ID
	answer.Diagnostics.Append(t.save(ctx, &plan, state.Revision.ValueInt64()+1)...)
	answer.Diagnostics.Append(answer.State.Set(ctx, plan)...)
	answer.Diagnostics.Append(answer.Identity.Set(ctx, thingIdentity{plan.Name, plan.Region})...)
	if fault == "partial" {
		answer.Diagnostics.AddError("Half done", "The thing was changed, but it is not well.")
	}
}

func (t *thing) Delete(ctx context.Context, request resource.DeleteRequest, answer *resource.DeleteResponse) {
	var state thingModel
	answer.Diagnostics.Append(request.State.Get(ctx, &state)...)
	if answer.Diagnostics.HasError() {
		return
	}
	name := state.Name.ValueString()
	made, _ := request.Private.GetKey(ctx, "made")
	timeout, problems := state.Timeouts.Delete(ctx, 20*time.Minute)
	answer.Diagnostics.Append(problems...)
	t.store.Record("delete", "modern_thing", name, map[string]any{"private": string(made), "timeout": timeout.String()})
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	_, err := t.store.Fault(ctx, "delete", name)
	if err == nil {
		err = t.store.Delete(state.ID.ValueString())
	}
	if err != nil {
		answer.Diagnostics.AddError("Not deleted", err.Error())
	}
}

func (t *thing) ImportState(ctx context.Context, request resource.ImportStateRequest, answer *resource.ImportStateResponse) {
	id := request.ID
	if id == "" {
		var identity thingIdentity
		answer.Diagnostics.Append(request.Identity.Get(ctx, &identity)...)
		id = "thing-" + identity.Name.ValueString()
	}
	answer.Diagnostics.Append(answer.State.SetAttribute(ctx, path.Root("id"), id)...)
}

func (t *thing) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{
		// Version 0 had one label.
		0: {StateUpgrader: func(ctx context.Context, request resource.UpgradeStateRequest, answer *resource.UpgradeStateResponse) {
			var old map[string]any
			if err := json.Unmarshal(request.RawState.JSON, &old); err != nil {
				answer.Diagnostics.AddError("Not upgraded", err.Error())
				return
			}
			state := emptyThing()
			for name, target := range map[string]*types.String{"id": &state.ID, "name": &state.Name, "region": &state.Region} {
				if value, ok := old[name].(string); ok {
					*target = types.StringValue(value)
				}
			}
			if label, ok := old["label"].(string); ok {
				state.Labels = types.SetValueMust(types.StringType, []attr.Value{types.StringValue(label)})
			}
			answer.Diagnostics.Append(answer.State.Set(ctx, state)...)
		}},
	}
}

// emptyThing has all the nulls that need a type.
func emptyThing() thingModel {
	texts := func(names ...string) map[string]attr.Type {
		found := map[string]attr.Type{}
		for _, name := range names {
			found[name] = types.StringType
		}
		return found
	}
	return thingModel{
		Tags:      types.MapNull(types.StringType),
		Zones:     types.ListNull(types.StringType),
		Labels:    types.SetNull(types.StringType),
		Pair:      types.ObjectNull(map[string]attr.Type{"left": types.StringType, "right": types.Int64Type}),
		Endpoints: types.MapNull(types.ObjectType{AttrTypes: texts("url", "key")}),
		Status:    types.ListNull(statusType),
		Timeouts:  timeouts.Value{Object: types.ObjectNull(texts("create", "delete"))},
	}
}

func (t *thing) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{
		StateMover: func(ctx context.Context, request resource.MoveStateRequest, answer *resource.MoveStateResponse) {
			if request.SourceTypeName != "vintage_thing" || !strings.HasSuffix(request.SourceProviderAddress, "/vintage") {
				return
			}
			var old struct {
				ID     string `json:"id"`
				Name   string `json:"name"`
				Region string `json:"region"`
			}
			if err := json.Unmarshal(request.SourceRawState.JSON, &old); err != nil {
				answer.Diagnostics.AddError("Not moved", err.Error())
				return
			}
			answer.Diagnostics.Append(answer.TargetState.SetAttribute(ctx, path.Root("id"), old.ID)...)
			answer.Diagnostics.Append(answer.TargetState.SetAttribute(ctx, path.Root("name"), old.Name)...)
			answer.Diagnostics.Append(answer.TargetState.SetAttribute(ctx, path.Root("region"), old.Region)...)
			answer.Diagnostics.Append(answer.TargetIdentity.Set(ctx, thingIdentity{
				types.StringValue(old.Name), types.StringValue(old.Region),
			})...)
		},
	}}
}
