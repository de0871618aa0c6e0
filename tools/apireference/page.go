package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const head = `<!-- Made by make manifests from the types in api/v1alpha1. Do not edit. -->

# API reference

The custom resources of %s. Fields are described as they are in a cluster by
` + "`kubectl explain`" + `; the rules are checked by the API server when an object is applied, and
again by the operator. How the resources are used is told in [operations.md](operations.md).
`

func page(definitions []definition) string {
	var p writer
	fmt.Fprintf(&p, head, "`"+definitions[0].Spec.Group+"/"+definitions[0].Spec.Versions[0].Name+"`")
	for _, d := range definitions {
		p.kind(d)
	}
	return p.String()
}

// writer writes the page.
type writer struct {
	strings.Builder
	kindName string
}

func (p *writer) kind(d definition) {
	p.kindName = d.Spec.Names.Kind
	root := d.Spec.Versions[0].Schema.OpenAPIV3Schema
	fmt.Fprintf(p, "\n## %s\n\n%s\n", p.kindName, escape(root.Description))
	fmt.Fprintf(p, "\n`kubectl get %s.%s`, or short `kubectl get %s`.\n",
		d.Spec.Names.Plural, d.Spec.Group, strings.Join(d.Spec.Names.ShortNames, ", "))
	for _, field := range d.Spec.Versions[0].SelectableFields {
		path := strings.TrimPrefix(field.JSONPath, ".")
		fmt.Fprintf(p, "Field selector: `--field-selector=%s=NAME`.\n", path)
	}
	p.rules(root.Rules)
	p.object("spec", root.Properties["spec"])
	p.object("status", root.Properties["status"])
}

// object writes a section about a struct and one for each struct below it.
func (p *writer) object(path string, s schema) {
	fmt.Fprintf(p, "\n<a id=%q></a>\n\n### %s `%s`\n\n%s\n", p.anchor(path), p.kindName, path, escape(s.Description))
	p.rules(s.Rules)
	fmt.Fprintf(p, "\n| Field | Type | |\n|---|---|---|\n")
	names := slices.Sorted(maps.Keys(s.Properties))
	for _, name := range names {
		p.field(path+"."+name, name, s.Properties[name], slices.Contains(s.Required, name))
	}
	for _, name := range names {
		if below, inner, described := sub(path+"."+name, s.Properties[name]); described {
			p.object(below, inner)
		}
	}
}

func (p *writer) field(path, name string, s schema, required bool) {
	if required {
		name = "**" + name + "** (required)"
	}
	text := cell(s.Description)
	if s.AdditionalProperties != nil {
		// A map has no section of its own. Nor has a scalar, but its description names
		// its bounds.
		for _, r := range s.Rules {
			text += " *Rule:* " + cell(r.Message) + "."
		}
	}
	fmt.Fprintf(p, "| %s | %s | %s |\n", name, p.typeName(path, s), text)
}

func (p *writer) rules(rules []rule) {
	if len(rules) == 0 {
		return
	}
	fmt.Fprint(p, "\nRules:\n\n")
	for _, r := range rules {
		if r.FieldPath != "" {
			r.Message = "`" + strings.TrimPrefix(r.FieldPath, ".") + "` " + r.Message
		}
		fmt.Fprintf(p, "- %s\n", escape(r.Message))
	}
}

// cell returns text for a cell of a table.
func cell(text string) string {
	return escape(strings.Join(strings.Fields(text), " "))
}

// escape keeps Markdown from reading more into text than there is.
func escape(text string) string {
	return strings.NewReplacer("|", `\|`, "<", `\<`, "*", `\*`, "$", "&#36;", "{{", "`{{`", "}}", "`}}`").Replace(text)
}
