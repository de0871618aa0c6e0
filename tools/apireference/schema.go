package main

import "strings"

// definition is what the page needs of a CustomResourceDefinition.
type definition struct {
	Spec struct {
		Group string
		Names struct {
			Kind, Plural string
			ShortNames   []string
		}
		Versions []struct {
			Name   string
			Schema struct {
				OpenAPIV3Schema schema
			}
			SelectableFields []struct{ JSONPath string }
		}
	}
}

// schema is what the page needs of the schema of a field.
type schema struct {
	Type                 string
	Description          string
	Properties           map[string]schema
	Required             []string
	Items                *schema
	AdditionalProperties *schema
	Enum                 []string
	IntOrString          bool   `json:"x-kubernetes-int-or-string"`
	Rules                []rule `json:"x-kubernetes-validations"`
}

type rule struct {
	FieldPath string
	Message   string
}

// elsewhere are the fields whose types are Kubernetes' own, with where those are
// described.
var elsewhere = map[string]string{
	"spec.workload.resources":         reference("pod-v1", "resources", "ResourceRequirements"),
	"spec.workload.pod.tolerations[]": reference("pod-v1", "scheduling", "Toleration"),
	"spec.workload.pod.affinity":      reference("pod-v1", "scheduling", "Affinity"),
	"status.conditions[]":             "[Condition](https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#condition-v1-meta)",
}

func reference(page, anchor, name string) string {
	return "[" + name + "](https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/" + page + "/#" + anchor + ")"
}

// typeName returns how the page calls the type of a field.
func (p *writer) typeName(path string, s schema) string {
	if name, known := elsewhere[path]; known {
		return name
	}
	switch {
	case s.Items != nil:
		return "list of " + p.typeName(path+"[]", *s.Items)
	case s.AdditionalProperties != nil:
		return "map of " + p.typeName(path+"[]", *s.AdditionalProperties)
	case len(s.Properties) > 0:
		return "[" + lastStep(path) + "](#" + p.anchor(path) + ")"
	case s.IntOrString:
		return "quantity"
	case len(s.Enum) > 0:
		return "enum"
	}
	return s.Type
}

// sub returns the path and the schema of the struct that a field holds, alone,
// in a list or in a map, if it is to be described here.
func sub(path string, s schema) (string, schema, bool) {
	if _, known := elsewhere[path]; known {
		return "", schema{}, false
	}
	if s.Items != nil {
		return sub(path+"[]", *s.Items)
	}
	if s.AdditionalProperties != nil {
		return sub(path+"[]", *s.AdditionalProperties)
	}
	return path, s, len(s.Properties) > 0
}

// anchor returns the name of the section about a struct.
func (p *writer) anchor(path string) string {
	return strings.ToLower(p.kindName + "-" + strings.NewReplacer(".", "-", "[]", "").Replace(path))
}

func lastStep(path string) string {
	name := path[strings.LastIndex(path, ".")+1:]
	return strings.TrimSuffix(name, "[]")
}
