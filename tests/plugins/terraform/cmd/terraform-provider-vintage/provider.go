package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"

	"stackwright.test/terraform/internal/cloud"
)

func provider() *schema.Provider {
	return &schema.Provider{
		Schema: map[string]*schema.Schema{
			"path": {
				Type: schema.TypeString, Optional: true,
				DefaultFunc: schema.EnvDefaultFunc("VINTAGE_PATH", nil),
				Description: "The folder that the objects live in.",
			},
			"password": {Type: schema.TypeString, Optional: true, Sensitive: true},
			"strict":   {Type: schema.TypeBool, Optional: true, Default: false},
			"regions":  {Type: schema.TypeList, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}},
			"legacy":   {Type: schema.TypeString, Optional: true, Deprecated: "Use `strict` instead."},
			"defaults": {
				Type: schema.TypeList, Optional: true, MaxItems: 1,
				Elem: &schema.Resource{Schema: map[string]*schema.Schema{
					"tags": {Type: schema.TypeMap, Optional: true, Elem: &schema.Schema{Type: schema.TypeString}},
				}},
			},
		},
		ResourcesMap: map[string]*schema.Resource{
			"vintage_thing":    thing(),
			"vintage_document": document(),
		},
		DataSourcesMap: map[string]*schema.Resource{
			"vintage_thing": thingData(),
			"vintage_words": words(),
		},
		ProviderMetaSchema: map[string]*schema.Schema{
			"module": {Type: schema.TypeString, Optional: true},
		},
		ConfigureContextFunc: configure,
	}
}

func configure(ctx context.Context, d *schema.ResourceData) (any, diag.Diagnostics) {
	if d.Get("password").(string) == "wrong" {
		return nil, diag.Diagnostics{{Severity: diag.Error, Summary: "The password is wrong", Detail: "Ask for another."}}
	}
	store, err := cloud.Open(d.Get("path").(string))
	if err != nil {
		return nil, diag.FromErr(err)
	}
	store.Record("configure", "vintage", "", map[string]any{"strict": d.Get("strict")})
	if _, err := store.Fault(ctx, "configure", "vintage"); err != nil {
		return nil, diag.FromErr(err)
	}
	return store, nil
}

func document() *schema.Resource {
	return &schema.Resource{
		Description: "A document whose text is JSON, white space aside.",
		Schema: map[string]*schema.Schema{
			"name": {Type: schema.TypeString, Required: true, ForceNew: true},
			"text": {
				Type: schema.TypeString, Required: true,
				DiffSuppressFunc: func(_, before, after string, _ *schema.ResourceData) bool {
					return strings.Join(strings.Fields(before), "") == strings.Join(strings.Fields(after), "")
				},
				StateFunc: func(value any) string { return strings.Join(strings.Fields(value.(string)), "") },
			},
			"size": {Type: schema.TypeInt, Computed: true},
		},
		CreateContext: func(ctx context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
			d.SetId("document-" + d.Get("name").(string))
			return saveDocument(ctx, d, meta)
		},
		UpdateContext: saveDocument,
		ReadContext: func(_ context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
			object, err := meta.(*cloud.Cloud).Get(d.Id())
			if err != nil {
				return diag.FromErr(err)
			}
			if object == nil {
				d.SetId("")
				return nil
			}
			return set(d, object, "name", "text", "size")
		},
		DeleteContext: func(_ context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
			return diag.FromErr(meta.(*cloud.Cloud).Delete(d.Id()))
		},
		Importer: &schema.ResourceImporter{StateContext: schema.ImportStatePassthroughContext},
	}
}

func saveDocument(_ context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
	text := d.Get("text").(string)
	object := cloud.Object{"name": d.Get("name"), "text": text, "size": len(text)}
	if err := meta.(*cloud.Cloud).Put(d.Id(), object); err != nil {
		return diag.FromErr(err)
	}
	return set(d, object, "size")
}

func thingData() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"name":     {Type: schema.TypeString, Required: true},
			"size":     {Type: schema.TypeInt, Computed: true},
			"revision": {Type: schema.TypeInt, Computed: true},
			"tags":     {Type: schema.TypeMap, Computed: true, Elem: &schema.Schema{Type: schema.TypeString}},
		},
		ReadContext: func(_ context.Context, d *schema.ResourceData, meta any) diag.Diagnostics {
			name := d.Get("name").(string)
			object, err := meta.(*cloud.Cloud).Get("thing-" + name)
			if err != nil {
				return diag.FromErr(err)
			}
			if object == nil {
				return diag.Errorf("there is no thing named %q", name)
			}
			d.SetId("thing-" + name)
			return set(d, object, "size", "revision", "tags")
		},
	}
}

func words() *schema.Resource {
	return &schema.Resource{
		Schema: map[string]*schema.Schema{
			"text":   {Type: schema.TypeString, Required: true},
			"filter": {Type: schema.TypeSet, Optional: true, Elem: &schema.Resource{Schema: map[string]*schema.Schema{"prefix": {Type: schema.TypeString, Required: true}}}},
			"words":  {Type: schema.TypeList, Computed: true, Elem: &schema.Schema{Type: schema.TypeString}},
		},
		ReadContext: func(_ context.Context, d *schema.ResourceData, _ any) diag.Diagnostics {
			found := []any{}
			for _, word := range strings.Fields(d.Get("text").(string)) {
				keep := true
				for _, filter := range d.Get("filter").(*schema.Set).List() {
					keep = keep && strings.HasPrefix(word, filter.(map[string]any)["prefix"].(string))
				}
				if keep {
					found = append(found, word)
				}
			}
			d.SetId("words")
			return diag.FromErr(d.Set("words", found))
		},
	}
}

func set(d *schema.ResourceData, object cloud.Object, names ...string) diag.Diagnostics {
	for _, name := range names {
		if err := d.Set(name, object[name]); err != nil {
			return diag.FromErr(err)
		}
	}
	return nil
}
