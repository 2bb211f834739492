package main

import (
	"context"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type join struct{}

func (join) Metadata(_ context.Context, _ function.MetadataRequest, answer *function.MetadataResponse) {
	answer.Name = "join"
}

func (join) Definition(_ context.Context, _ function.DefinitionRequest, answer *function.DefinitionResponse) {
	answer.Definition = function.Definition{
		Summary:           "Joins texts.",
		Parameters:        []function.Parameter{function.StringParameter{Name: "separator"}},
		VariadicParameter: function.StringParameter{Name: "parts", AllowNullValue: true},
		Return:            function.StringReturn{},
	}
}

func (join) Run(ctx context.Context, request function.RunRequest, answer *function.RunResponse) {
	var separator string
	var parts []*string
	answer.Error = request.Arguments.Get(ctx, &separator, &parts)
	if answer.Error != nil {
		return
	}
	var words []string
	for _, part := range parts {
		if part != nil {
			words = append(words, *part)
		}
	}
	answer.Error = answer.Result.Set(ctx, strings.Join(words, separator))
}

type describe struct{}

func (describe) Metadata(_ context.Context, _ function.MetadataRequest, answer *function.MetadataResponse) {
	answer.Name = "describe"
}

func (describe) Definition(_ context.Context, _ function.DefinitionRequest, answer *function.DefinitionResponse) {
	answer.Definition = function.Definition{
		MarkdownDescription: "Says **what** something is.",
		Parameters:          []function.Parameter{function.DynamicParameter{Name: "value", AllowNullValue: true, AllowUnknownValues: true}},
		Return:              function.ObjectReturn{AttributeTypes: describedTypes},
	}
}

func (describe) Run(ctx context.Context, request function.RunRequest, answer *function.RunResponse) {
	var value types.Dynamic
	answer.Error = request.Arguments.Get(ctx, &value)
	if answer.Error != nil {
		return
	}
	found := described{Type: types.StringValue("nothing"), Known: types.BoolValue(!value.IsUnknown() && !value.IsUnderlyingValueUnknown())}
	if !value.IsNull() && value.UnderlyingValue() != nil {
		found.Type = types.StringValue(value.UnderlyingValue().Type(ctx).String())
	}
	answer.Error = answer.Result.Set(ctx, found)
}

type total struct{}

func (total) Metadata(_ context.Context, _ function.MetadataRequest, answer *function.MetadataResponse) {
	answer.Name = "total"
}

func (total) Definition(_ context.Context, _ function.DefinitionRequest, answer *function.DefinitionResponse) {
	answer.Definition = function.Definition{
		DeprecationMessage: "Add them up yourself.",
		Parameters:         []function.Parameter{function.ListParameter{Name: "numbers", ElementType: types.NumberType}},
		Return:             function.NumberReturn{},
	}
}

func (total) Run(ctx context.Context, request function.RunRequest, answer *function.RunResponse) {
	var numbers []*big.Float
	answer.Error = request.Arguments.Get(ctx, &numbers)
	if answer.Error != nil {
		return
	}
	sum := new(big.Float).SetPrec(512)
	for _, number := range numbers {
		sum.Add(sum, number)
	}
	answer.Error = answer.Result.Set(ctx, types.NumberValue(sum))
}

type refuse struct{}

func (refuse) Metadata(_ context.Context, _ function.MetadataRequest, answer *function.MetadataResponse) {
	answer.Name = "refuse"
}

func (refuse) Definition(_ context.Context, _ function.DefinitionRequest, answer *function.DefinitionResponse) {
	answer.Definition = function.Definition{
		Parameters: []function.Parameter{function.StringParameter{Name: "first"}, function.StringParameter{Name: "second"}},
		Return:     function.BoolReturn{},
	}
}

func (refuse) Run(_ context.Context, _ function.RunRequest, answer *function.RunResponse) {
	answer.Error = function.NewArgumentFuncError(1, "the second is not wanted")
}

type described struct {
	Type  types.String `tfsdk:"type"`
	Known types.Bool   `tfsdk:"known"`
}

var describedTypes = map[string]attr.Type{"type": types.StringType, "known": types.BoolType}
