package book

import (
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
)

// Plain turns properties into JSON values as the cloud would see them: secrets are opened, and what JSON has no kind
// for becomes an object with one telling key.
func Plain(properties resource.PropertyMap) map[string]any {
	result := make(map[string]any, len(properties))
	for k, v := range properties {
		result[string(k)] = plain(v)
	}
	return result
}

func plain(v resource.PropertyValue) any {
	switch {
	case v.IsSecret():
		return plain(v.SecretValue().Element)
	case v.IsOutput():
		if !v.OutputValue().Known {
			return map[string]any{"$unknown": true}
		}
		return plain(v.OutputValue().Element)
	case v.IsComputed():
		return map[string]any{"$unknown": true}
	case v.IsArray():
		result := make([]any, 0, len(v.ArrayValue()))
		for _, e := range v.ArrayValue() {
			result = append(result, plain(e))
		}
		return result
	case v.IsObject():
		return Plain(v.ObjectValue())
	case v.IsAsset():
		a := v.AssetValue()
		return map[string]any{"$asset": map[string]any{"hash": a.Hash, "text": a.Text, "path": a.Path, "uri": a.URI}}
	case v.IsArchive():
		a := v.ArchiveValue()
		content := map[string]any{"hash": a.Hash, "path": a.Path, "uri": a.URI}
		if members, ok := a.GetAssets(); ok {
			listed := map[string]any{}
			for name, member := range members {
				listed[name] = plain(resource.NewPropertyValue(member))
			}
			content["assets"] = listed
		}
		return map[string]any{"$archive": content}
	case v.IsResourceReference():
		r := v.ResourceReferenceValue()
		return map[string]any{"$resource": map[string]any{"urn": string(r.URN), "id": plain(r.ID)}}
	default:
		return v.V
	}
}

// Properties is the way back: JSON values as properties, with the named top-level keys secret.
func Properties(values map[string]any, secret []string) resource.PropertyMap {
	result := resource.NewPropertyMapFromMapRepl(values, nil, special)
	for _, key := range secret {
		if v, ok := result[resource.PropertyKey(key)]; ok {
			result[resource.PropertyKey(key)] = resource.MakeSecret(v)
		}
	}
	return result
}

// Secrets names the top-level keys whose values contain a secret, in order.
func Secrets(properties resource.PropertyMap) []string {
	var keys []string
	for k, v := range properties {
		if v.ContainsSecrets() {
			keys = append(keys, string(k))
		}
	}
	sort.Strings(keys)
	return keys
}

// special recognises the objects that Plain makes of what JSON has no kind for.
func special(v any) (resource.PropertyValue, bool) {
	object, ok := v.(map[string]any)
	if !ok || len(object) != 1 {
		return resource.PropertyValue{}, false
	}
	text := func(content any, key string) string {
		fields, _ := content.(map[string]any)
		s, _ := fields[key].(string)
		return s
	}
	if content, ok := object["$asset"]; ok {
		return resource.NewProperty(&asset.Asset{
			Sig: asset.AssetSig, Hash: text(content, "hash"), Text: text(content, "text"),
			Path: text(content, "path"), URI: text(content, "uri"),
		}), true
	}
	if content, ok := object["$archive"]; ok {
		result := &archive.Archive{
			Sig: archive.ArchiveSig, Hash: text(content, "hash"), Path: text(content, "path"), URI: text(content, "uri"),
		}
		if fields, ok := content.(map[string]any); ok {
			if members, ok := fields["assets"].(map[string]any); ok {
				result.Assets = map[string]any{}
				for name, member := range members {
					if p, ok := special(member); ok {
						result.Assets[name] = p.V
					}
				}
			}
		}
		return resource.NewProperty(result), true
	}
	return resource.PropertyValue{}, false
}
