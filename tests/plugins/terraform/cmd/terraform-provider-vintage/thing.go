package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/go-cty/cty"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/validation"

	"stackwright.test/terraform/internal/cloud"
)

// What a thing is made of, apart from what is computed and what is never stored.
var kept = []string{
	"name", "size", "ratio", "enabled", "note", "tags", "zones", "labels", "region", "token", "old_name",
	"secret_wo_version", "disk", "rule", "step", "ingress",
}

var text = &schema.Schema{Type: schema.TypeString}

// thing has every feature of the old SDK that shows in the protocol.
func thing() *schema.Resource {
	return &schema.Resource{
		Description:   "Something with every feature.",
		SchemaVersion: 2,
		StateUpgraders: []schema.StateUpgrader{
			{Version: 0, Type: oldThing(), Upgrade: renamed("label", "labels")},
			{Version: 1, Type: oldThing(), Upgrade: renamed("area", "region")},
		},
		Identity: &schema.ResourceIdentity{
			Version: 1,
			SchemaFunc: func() map[string]*schema.Schema {
				return map[string]*schema.Schema{
					"name":   {Type: schema.TypeString, RequiredForImport: true, Description: "The thing's name."},
					"region": {Type: schema.TypeString, OptionalForImport: true},
				}
			},
			IdentityUpgraders: []schema.IdentityUpgrader{},
		},
		Schema: map[string]*schema.Schema{
			"name":     {Type: schema.TypeString, Required: true, ForceNew: true, Description: "What it is called."},
			"size":     {Type: schema.TypeInt, Optional: true, Default: 1, ValidateFunc: validation.IntBetween(1, 1000)},
			"ratio":    {Type: schema.TypeFloat, Optional: true},
			"enabled":  {Type: schema.TypeBool, Optional: true, Default: true},
			"note":     {Type: schema.TypeString, Optional: true, DiffSuppressFunc: sameLetters},
			"tags":     {Type: schema.TypeMap, Optional: true, Elem: text},
			"zones":    {Type: schema.TypeList, Optional: true, Elem: text},
			"labels":   {Type: schema.TypeSet, Optional: true, Elem: text},
			"region":   {Type: schema.TypeString, Optional: true, Computed: true, ForceNew: true},
			"token":    {Type: schema.TypeString, Optional: true, Sensitive: true},
			"old_name": {Type: schema.TypeString, Optional: true, Deprecated: "Use `note` instead."},
			"secret_wo": {
				Type: schema.TypeString, Optional: true, WriteOnly: true, RequiredWith: []string{"secret_wo_version"},
			},
			"secret_wo_version": {Type: schema.TypeInt, Optional: true},
			"disk": {
				Type: schema.TypeList, Optional: true, MaxItems: 1,
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"kind":   {Type: schema.TypeString, Required: true, ForceNew: true},
					"size":   {Type: schema.TypeInt, Optional: true, Default: 10},
					"serial": {Type: schema.TypeString, Computed: true},
				}},
			},
			"rule": {
				Type: schema.TypeSet, Optional: true,
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"port":  {Type: schema.TypeInt, Required: true},
					"cidrs": {Type: schema.TypeSet, Optional: true, Elem: text},
					"note":  {Type: schema.TypeString, Optional: true},
				}},
			},
			"step": {
				Type: schema.TypeList, Optional: true,
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"name": {Type: schema.TypeString, Required: true},
					"hook": {
						Type: schema.TypeList, Optional: true, MinItems: 1, MaxItems: 2,
						Elem: &schema.Resource{Schema: map[string]*schema.Schema{
							"command": {Type: schema.TypeString, Required: true},
							"env":     {Type: schema.TypeMap, Optional: true, Elem: text},
						}},
					},
				}},
			},
			"ingress": {
				Type: schema.TypeSet, Optional: true, Computed: true, ConfigMode: schema.SchemaConfigModeAttr,
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"port": {Type: schema.TypeInt, Required: true},
					"from": {Type: schema.TypeString, Optional: true},
				}},
			},
			"status": {
				Type: schema.TypeList, Computed: true,
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"state": {Type: schema.TypeString, Computed: true},
					"since": {Type: schema.TypeInt, Computed: true},
				}},
			},
			"revision":    {Type: schema.TypeInt, Computed: true},
			"fingerprint": {Type: schema.TypeString, Computed: true},
		},
		Timeouts: &schema.ResourceTimeout{
			Create: schema.DefaultTimeout(20 * time.Minute),
			Read:   schema.DefaultTimeout(15 * time.Minute),
			Update: schema.DefaultTimeout(10 * time.Minute),
			Delete: schema.DefaultTimeout(5 * time.Minute),
		},
		CustomizeDiff: customize,
		CreateContext: create,
		ReadContext:   read,
		UpdateContext: update,
		DeleteContext: remove,
		Importer:      &schema.ResourceImporter{StateContext: importThing},
	}
}

func sameLetters(_, before, after string, _ *schema.ResourceData) bool {
	return strings.EqualFold(before, after)
}

func oldThing() cty.Type {
	return cty.Object(map[string]cty.Type{"id": cty.String, "name": cty.String, "label": cty.String, "area": cty.String})
}

func renamed(before, after string) schema.StateUpgradeFunc {
	return func(_ context.Context, state map[string]any, _ any) (map[string]any, error) {
		value, ok := state[before]
		if ok && after == "labels" {
			value = []any{value}
		}
		if ok {
			state[after] = value
			delete(state, before)
		}
		return state, nil
	}
}

func customize(_ context.Context, d *schema.ResourceDiff, _ any) error {
	if d.Id() == "" {
		return nil
	}
	if before, after := d.GetChange("size"); after.(int) < before.(int) {
		if err := d.ForceNew("size"); err != nil {
			return err
		}
	}
	if d.HasChanges("size", "note", "tags", "zones", "labels") {
		if err := d.SetNewComputed("fingerprint"); err != nil {
			return err
		}
		return d.SetNewComputed("revision")
	}
	return nil
}

func create(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	store, name := meta.(*cloud.Cloud), d.Get("name").(string)
	detail := map[string]any{"timeout": d.Timeout(schema.TimeoutCreate).String()}
	if secret, _ := d.GetRawConfigAt(cty.GetAttrPath("secret_wo")); secret.Type() == cty.String && secret.IsKnown() && !secret.IsNull() {
		detail["secret"] = fmt.Sprintf("%x", sha256.Sum256([]byte(secret.AsString())))[:12]
	}
	store.Record("create", "vintage_thing", name, detail)
	fault, err := store.Fault(ctx, "create", name)
	if err != nil {
		return diag.FromErr(err)
	}
	d.SetId("thing-" + name)
	if fault == "vanish" {
		d.SetId("")
		return nil
	}
	if result := save(d, store, 1); result != nil {
		return result
	}
	if fault == "partial" {
		return diag.Diagnostics{{Severity: diag.Error, Summary: "half done", Detail: "The thing exists, but it is not well."}}
	}
	if fault == "warn" {
		return diag.Diagnostics{{Severity: diag.Warning, Summary: "look out", Detail: "It worked this time.", AttributePath: cty.GetAttrPath("note")}}
	}
	return nil
}

func update(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	store, name := meta.(*cloud.Cloud), d.Get("name").(string)
	store.Record("update", "vintage_thing", name, map[string]any{"timeout": d.Timeout(schema.TimeoutUpdate).String()})
	fault, err := store.Fault(ctx, "update", name)
	if err != nil {
		d.Partial(true)
		return diag.FromErr(err)
	}
	if result := save(d, store, d.Get("revision").(int)+1); result != nil {
		return result
	}
	if fault == "partial" {
		return diag.Errorf("half done")
	}
	return nil
}

func save(d *schema.ResourceData, store *cloud.Cloud, revision int) diag.Diagnostics {
	object := cloud.Object{}
	for _, name := range kept {
		object[name] = plain(d.Get(name))
	}
	if object["region"] == "" {
		object["region"] = "here"
	}
	for _, disk := range object["disk"].([]any) {
		if disk, ok := disk.(map[string]any); ok {
			disk["serial"] = "serial-" + object["name"].(string)
		}
	}
	object["revision"] = revision
	object["fingerprint"] = fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, object)))[:12]
	object["status"] = []any{map[string]any{"state": "ready", "since": revision}}
	if err := store.Put(d.Id(), object); err != nil {
		return diag.FromErr(err)
	}
	return load(d, object)
}

func read(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	store := meta.(*cloud.Cloud)
	detail := map[string]any{"timeout": d.Timeout(schema.TimeoutRead).String()}
	store.Record("read", "vintage_thing", strings.TrimPrefix(d.Id(), "thing-"), detail)
	if _, err := store.Fault(ctx, "read", strings.TrimPrefix(d.Id(), "thing-")); err != nil {
		return diag.FromErr(err)
	}
	object, err := store.Get(d.Id())
	if err != nil {
		return diag.FromErr(err)
	}
	if object == nil {
		d.SetId("")
		return nil
	}
	return load(d, object)
}

func load(d *schema.ResourceData, object cloud.Object) diag.Diagnostics {
	if result := set(d, object, append(kept, "revision", "fingerprint", "status")...); result != nil {
		return result
	}
	identity, err := d.Identity()
	if err == nil {
		err = identity.Set("name", object["name"])
	}
	if err == nil {
		err = identity.Set("region", object["region"])
	}
	return diag.FromErr(err)
}

func remove(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	store, name := meta.(*cloud.Cloud), d.Get("name").(string)
	store.Record("delete", "vintage_thing", name, map[string]any{"timeout": d.Timeout(schema.TimeoutDelete).String()})
	if _, err := store.Fault(ctx, "delete", name); err != nil {
		return diag.FromErr(err)
	}
	return diag.FromErr(store.Delete(d.Id()))
}

func importThing(_ context.Context, d *schema.ResourceData, _ any) ([]*schema.ResourceData, error) {
	if d.Id() == "" {
		identity, err := d.Identity()
		if err != nil {
			return nil, err
		}
		d.SetId("thing-" + identity.Get("name").(string))
	}
	return []*schema.ResourceData{d}, nil
}

// plain makes JSON of what the SDK gives.
func plain(value any) any {
	switch value := value.(type) {
	case *schema.Set:
		return plain(value.List())
	case []any:
		list := make([]any, len(value))
		for i, each := range value {
			list[i] = plain(each)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for key, each := range value {
			object[key] = plain(each)
		}
		return object
	}
	return value
}
