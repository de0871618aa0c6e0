package packaging

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

// object is a manifest.
type object map[string]any

// id tells objects apart.
func (o object) id() string {
	return fmt.Sprintf("%s %s/%s", o["kind"], o.text("metadata", "namespace"), o.text("metadata", "name"))
}

// at returns what is at a path of member names, nil if there is nothing.
func (o object) at(path ...string) any {
	var value any = map[string]any(o)
	for _, name := range path {
		members, _ := value.(map[string]any)
		value = members[name]
	}
	return value
}

func (o object) text(path ...string) string {
	text, _ := o.at(path...).(string)
	return text
}

// objects reads manifests and sorts them.
func objects(t *testing.T, text []byte) []object {
	t.Helper()
	var list []object
	for document := range bytes.SplitSeq(append([]byte("\n"), text...), []byte("\n---")) {
		var o object
		if err := yaml.UnmarshalStrict(document, &o); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		if len(o) > 0 {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b object) int { return cmp.Compare(a.id(), b.id()) })
	return list
}

// find returns the object of a kind with a name.
func find(t *testing.T, list []object, kind, name string) object {
	t.Helper()
	for _, o := range list {
		if o["kind"] == kind && o.text("metadata", "name") == name {
			return o
		}
	}
	t.Fatalf("there is no %s %s among %v", kind, name, ids(list))
	return nil
}

func ids(list []object) []string {
	var names []string
	for _, o := range list {
		names = append(names, o.id())
	}
	return names
}

// without returns the objects that are not of the kinds.
func without(list []object, kinds ...string) []object {
	return slices.DeleteFunc(slices.Clone(list), func(o object) bool {
		kind, _ := o["kind"].(string)
		return slices.Contains(kinds, kind)
	})
}

// only returns the objects that are of the kinds.
func only(list []object, kinds ...string) []object {
	return slices.DeleteFunc(slices.Clone(list), func(o object) bool {
		kind, _ := o["kind"].(string)
		return !slices.Contains(kinds, kind)
	})
}

// unlabelled returns an object without the labels that only say who installed
// it, without labels if it is a definition, to which kustomize alone gives some,
// and without the annotations that keep it.
func unlabelled(o object) object {
	metadata, _ := o["metadata"].(map[string]any)
	metadata = maps.Clone(metadata)
	trim(metadata, "labels", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "app.kubernetes.io/version", "helm.sh/chart")
	trim(metadata, "annotations", "helm.sh/resource-policy", "argocd.argoproj.io/sync-options")
	if o["kind"] == "CustomResourceDefinition" {
		delete(metadata, "labels")
	}
	o = maps.Clone(o)
	o["metadata"] = metadata
	return o
}

// trim takes names out of a member of metadata, and the member if it is then
// empty.
func trim(metadata map[string]any, member string, names ...string) {
	members, _ := metadata[member].(map[string]any)
	members = maps.Clone(members)
	for _, name := range names {
		delete(members, name)
	}
	metadata[member] = members
	if len(members) == 0 {
		delete(metadata, member)
	}
}
