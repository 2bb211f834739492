// Package mapping says which of the provider's resources is which of the plugin's.
package mapping

import (
	"strings"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// Version is what the plugin says it is: that of the Python package that programs use it with.
const Version = "4.21.4"

// Provider is the provider with its tokens: `random_pet` is `random:index/randomPet:RandomPet`.
func Provider(metadata []byte) tfbridge.ProviderInfo {
	made := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(provider.New()),
		Name:         "random",
		Version:      Version,
		MetadataInfo: tfbridge.NewProviderMetadata(metadata),
		Resources:    map[string]*info.Resource{},
	}
	for _, kind := range []string{
		"bytes", "id", "integer", "password", "pet", "shuffle", "string", "uuid", "uuid4", "uuid7",
	} {
		title := "Random" + strings.ToUpper(kind[:1]) + kind[1:]
		made.Resources["random_"+kind] = &info.Resource{Tok: tfbridge.MakeResource("random", "index", title)}
	}
	return made
}
