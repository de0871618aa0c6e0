package compile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

func indexing(fields ...v1alpha1.IndexedPath) *v1alpha1.Gateway {
	g := gateway()
	g.Spec.Search = &v1alpha1.Search{Index: &v1alpha1.SearchIndex{Fields: fields}}
	return g
}

// What is indexed: everything unless it is limited, and nothing by an empty list.
func TestIndexedPaths(t *testing.T) {
	unlimited := gateway()
	unlimited.Spec.Search = &v1alpha1.Search{}
	for name, tt := range map[string]struct {
		gateway *v1alpha1.Gateway
		want    *snapshot.SearchIndex
	}{
		"left out":    {gateway(), nil},
		"not limited": {unlimited, nil},
		"nothing":     {indexing([]v1alpha1.IndexedPath{}...), &snapshot.SearchIndex{Fields: []string{}}},
		"some": {
			indexing("policyId", "_modified", "attributes/Größe in m", "attributes", "features/*/definition", "features/a*/properties/b/c", "_metadata/x"),
			&snapshot.SearchIndex{Fields: []string{
				"_metadata/x", "_modified", "attributes", "attributes/Größe in m", "features/*/definition", "features/a*/properties/b/c", "policyId",
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			snap, findings := compile.Compile(objects([]*v1alpha1.Gateway{tt.gateway}, users()))
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			if diff := cmp.Diff(tt.want, snap.Search.Index); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestIndexedPathsAreChecked(t *testing.T) {
	const (
		at        = "spec.search.index.fields"
		syntax    = "must be policyId, definition, _created or _modified, or attributes, features or _metadata alone or with names behind slashes"
		ofFeature = "must go on with definition, properties or desiredProperties behind the id of a feature"
		wildcard  = "must not have * as a name, but for every feature"
	)
	many := make([]v1alpha1.IndexedPath, snapshot.MaxIndexedFields+1)
	for i := range many {
		many[i] = v1alpha1.IndexedPath(fmt.Sprintf("attributes/%d", i))
	}
	for name, tt := range map[string]struct {
		fields []v1alpha1.IndexedPath
		path   string
		want   string
	}{
		"none":             {nil, at, "is required; an empty list means that nothing is indexed but ids"},
		"too many":         {many, at, "must have 0 to 128 entries, got 129"},
		"twice":            {[]v1alpha1.IndexedPath{"policyId", "policyId"}, at + "[1]", "is there already"},
		"too long":         {[]v1alpha1.IndexedPath{v1alpha1.IndexedPath("attributes/" + strings.Repeat("a", 246))}, at + "[0]", "must have at most 256 characters, got 257"},
		"id":               {[]v1alpha1.IndexedPath{"thingId"}, at + "[0]", syntax},
		"revision":         {[]v1alpha1.IndexedPath{"policyId", "_revision"}, at + "[1]", syntax},
		"leading slash":    {[]v1alpha1.IndexedPath{"/attributes"}, at + "[0]", syntax},
		"empty name":       {[]v1alpha1.IndexedPath{"attributes//a"}, at + "[0]", syntax},
		"unknown escape":   {[]v1alpha1.IndexedPath{"attributes/a~b"}, at + "[0]", syntax},
		"line break":       {[]v1alpha1.IndexedPath{"attributes/a\n"}, at + "[0]", syntax},
		"below policyId":   {[]v1alpha1.IndexedPath{"policyId/a"}, at + "[0]", syntax},
		"no properties":    {[]v1alpha1.IndexedPath{"features/lamp/on"}, at + "[0]", ofFeature},
		"below definition": {[]v1alpha1.IndexedPath{"features/lamp/definition/0"}, at + "[0]", ofFeature},
		"any attribute":    {[]v1alpha1.IndexedPath{"attributes/*"}, at + "[0]", wildcard},
		"any property":     {[]v1alpha1.IndexedPath{"features/*/properties/*/x"}, at + "[0]", wildcard},
		"any metadata":     {[]v1alpha1.IndexedPath{"_metadata/features/*"}, at + "[0]", wildcard},
	} {
		t.Run(name, func(t *testing.T) {
			snap, findings := compile.Compile(objects([]*v1alpha1.Gateway{indexing(tt.fields...)}, users()))
			if snap != nil || len(findings) != 1 || findings[0].FieldPath != tt.path || !strings.Contains(findings[0].Message, tt.want) {
				t.Errorf("got %v, want one finding at %s: %s", findings, tt.path, tt.want)
			}
		})
	}
}
