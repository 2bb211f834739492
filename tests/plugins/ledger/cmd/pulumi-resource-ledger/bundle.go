package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	perrors "github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Bundles constructs components.
type Bundles struct{}

// BundleArgs are the inputs of a component.
type BundleArgs struct {
	Count  int                   `pulumi:"count"`
	Value  pulumi.StringInput    `pulumi:"value,optional"`
	Secret pulumi.StringInput    `pulumi:"secret,optional"`
	Tags   pulumi.StringMapInput `pulumi:"tags,optional"`
	Fail   string                `pulumi:"fail,optional"`
}

// Bundle is a component: some records, each with the previous one as a dependency.
type Bundle struct {
	pulumi.ResourceState
	IDs    pulumi.StringArrayOutput `pulumi:"ids"`
	Secret pulumi.StringOutput      `pulumi:"secret"`
	Total  pulumi.IntOutput         `pulumi:"total"`
}

// Annotate names the type.
func (Bundles) Annotate(a infer.Annotator) { a.SetToken("index", "Bundle") }

// record is a Record as a program sees it.
type record struct {
	pulumi.CustomResourceState
	Name        pulumi.StringOutput `pulumi:"name"`
	Fingerprint pulumi.StringOutput `pulumi:"fingerprint"`
}

// Construct registers the component and its children.
func (Bundles) Construct(
	ctx *pulumi.Context, name, typ string, args BundleArgs, opts pulumi.ResourceOption,
) (*Bundle, error) {
	switch args.Fail {
	case "":
	case "inputs":
		return nil, perrors.NewInputPropertiesError("the bundle is not possible",
			perrors.InputPropertyErrorDetails{PropertyPath: "count", Reason: "is not a number we like"},
			perrors.InputPropertyErrorDetails{PropertyPath: "tags.missing", Reason: "is not there"})
	default:
		return nil, errors.New(args.Fail)
	}
	bundle := &Bundle{}
	if err := ctx.RegisterComponentResource(typ, name, bundle, opts); err != nil {
		return nil, err
	}
	inputs := pulumi.Map{}
	if args.Value != nil {
		inputs["value"] = args.Value
	}
	if args.Tags != nil {
		inputs["tags"] = args.Tags
	}
	ids := pulumi.StringArray{}
	var previous []pulumi.Resource
	for i := range args.Count {
		child := &record{}
		options := []pulumi.ResourceOption{pulumi.Parent(bundle), pulumi.DependsOn(previous)}
		childName := fmt.Sprintf("%s-%d", name, i)
		if err := ctx.RegisterResource("ledger:index:Record", childName, inputs, child, options...); err != nil {
			return nil, err
		}
		previous = []pulumi.Resource{child}
		ids = append(ids, child.ID().ToStringOutput())
	}
	bundle.IDs = ids.ToStringArrayOutput()
	bundle.Total = pulumi.Int(args.Count).ToIntOutput()
	secret := args.Secret
	if secret == nil {
		secret = pulumi.String("nothing")
	}
	bundle.Secret = pulumi.ToSecret(secret.ToStringOutput()).(pulumi.StringOutput)
	return bundle, nil
}

const describe = "ledger:index:Bundle/describe"

type describeArgs struct {
	Greeting pulumi.StringInput `pulumi:"greeting"`
	Refuse   bool               `pulumi:"refuse"`
}

type describeResult struct {
	Text pulumi.StringOutput `pulumi:"text"`
}

// callMethod answers the methods of components; the framework has none of its own.
func callMethod(ctx context.Context, req p.CallRequest) (p.CallResponse, error) {
	if string(req.Tok) != describe {
		return p.CallResponse{}, status.Errorf(codes.NotFound, "there is no method %q", req.Tok)
	}
	return p.ProgramCall(ctx, req, func(
		ctx *pulumi.Context, _ string, args provider.CallArgs,
	) (*provider.CallResult, error) {
		arguments := &describeArgs{}
		self, err := args.CopyTo(arguments)
		if err != nil {
			return nil, err
		}
		if arguments.Refuse {
			return &provider.CallResult{Return: pulumi.Map{}, Failures: []provider.CallFailure{
				{Property: "refuse", Reason: "was true"},
			}}, nil
		}
		greeting := arguments.Greeting
		if greeting == nil {
			greeting = pulumi.String("hello")
		}
		return provider.NewCallResult(&describeResult{
			Text: pulumi.Sprintf("%s from %s", greeting, self.URN()),
		})
	})
}

// withMethods adds the method to the schema that the framework makes.
func withMethods(schema string) (string, error) {
	var document map[string]any
	if err := json.Unmarshal([]byte(schema), &document); err != nil {
		return "", err
	}
	resources := document["resources"].(map[string]any)
	resources["ledger:index:Bundle"].(map[string]any)["methods"] = map[string]any{"describe": describe}
	functions, ok := document["functions"].(map[string]any)
	if !ok {
		functions = map[string]any{}
		document["functions"] = functions
	}
	text := map[string]any{"type": "string"}
	functions[describe] = map[string]any{
		"description": "Says who the component is.",
		"inputs": map[string]any{
			"properties": map[string]any{
				"__self__": map[string]any{"$ref": "#/resources/ledger:index:Bundle"},
				"greeting": text,
				"refuse":   map[string]any{"type": "boolean", "plain": true},
			},
			"required": []any{"__self__"},
		},
		"outputs": map[string]any{"properties": map[string]any{"text": text}, "required": []any{"text"}},
	}
	result, err := json.Marshal(document)
	return string(result), err
}
