package enrich

import (
	"strings"
	"testing"
)

// What can be selected is checked when the text is read, unless placeholders keep it from being known.
func TestParse(t *testing.T) {
	list := func(n int, entry string) string { return strings.TrimSuffix(strings.Repeat(entry+",", n), ",") }
	for _, tc := range []struct{ fields, want string }{
		{"thingId,policyId,definition,_namespace,_revision,_created,_modified,_policy", ""},
		{"_metadata,_metadata/a,_context,_context/a,features,features/a,attributes,attributes/a/b", ""},
		{"/attributes/a,/features/*/properties", ""},
		{"attributes(a,b/c)", ""},
		{"features(lamp(properties(on,color),definition),*)", ""},
		{"attributes/a b", ""},
		{"features/{{feature:id}}/properties", ""},
		{"features/{{ feature:id }}/properties(x,y)", ""},
		{"attributes/{{ header:x | fn:default('a,b(c)') }},thingId", ""},
		{"attributes/{{topic:full}}{{topic:namespace}}{{topic:entityName}}{{topic:group}}{{topic:channel}}{{topic:criterion}}", ""},
		{"attributes/{{topic:action}}{{topic:subject}}{{topic:action-subject}}{{resource:path}}{{resource:type}}", ""},
		{"attributes/{{entity:id}}{{entity:namespace}}{{entity:name}}{{thing:id}}{{thing:namespace}}{{thing:name}}", ""},
		{"attributes/{{time:now}}{{time:now_epoch_millis-1h[d]}}{{request:subjectId}}", ""},
		{"foo/{{ header:x }}", ""}, // what it is shows when it is resolved
		{"{{header:x}}", ""},
		{list(256, "thingId"), ""},
		{list(256, "features/{{feature:id}}"), ""},

		{"", "json.fieldselector.invalid"},
		{"attributes(a", "json.fieldselector.invalid"},
		{"attributes)", "json.fieldselector.invalid"},
		{"attributes//a", "json.fieldselector.invalid"},
		{"thingId,", "json.fieldselector.invalid"},
		{",thingId", "json.fieldselector.invalid"},
		{list(257, "thingId"), "json.fieldselector.invalid"},
		{list(257, "a{{feature:id}}"), "json.fieldselector.invalid"},
		{"features/{{feature:id", "json.fieldselector.invalid"},
		{"features/{{feature}}", "json.fieldselector.invalid"},
		{"features/{{}}", "json.fieldselector.invalid"},
		{"features/{{feature:id}},,a", "json.fieldselector.invalid"},
		{"features({{feature:id}}", "json.fieldselector.invalid"},
		{"features/{{feature:id | fn:unknown()}}", "json.fieldselector.invalid"},
		{"features/\x000\x00/{{feature:id}}", "json.fieldselector.invalid"},
		{"features/\x009\x00/{{feature:id}}", "json.fieldselector.invalid"},
		{"attributes/" + strings.Repeat("a", 8192), "json.fieldselector.invalid"},
		{"attributes/{{header:x}}" + strings.Repeat("a", 8192), "json.fieldselector.invalid"},
		{"attributes/{{header:" + strings.Repeat("x", 2000) + "}}(" + list(100, "a") + ")", "json.fieldselector.invalid"},

		{"thingId/x", "things:field.selection.invalid"},
		{"_policy/entries", "things:field.selection.invalid"},
		{"_revision/x", "things:field.selection.invalid"},
		{"Attributes", "things:field.selection.invalid"},
		{"attribute", "things:field.selection.invalid"},
		{"/", "things:field.selection.invalid"},
		{"*", "things:field.selection.invalid"},
		{"*/properties", "things:field.selection.invalid"},
		{"thingId,foo/bar", "things:field.selection.invalid"},
		{"foo{header}", "things:field.selection.invalid"},
		{"attributes/a, thingId", "things:field.selection.invalid"},
		{" thingId", "things:field.selection.invalid"},

		{"features/{{foo:id}}", "placeholder:unresolved"},
		{"features/{{feature:name}}", "placeholder:unresolved"},
		{"features/{{request:subject}}", "placeholder:unresolved"},
		{"features/{{time:later}}", "placeholder:unresolved"},
		{"features/{{policy:id}}", "placeholder:unresolved"},
		{"features/{{header:x | fn:default(foo:id)}}", "placeholder:unresolved"},
	} {
		f, err := Parse(tc.fields)
		code := ""
		if err != nil {
			code = err.Code
		}
		if code != tc.want || (f == nil) != (err != nil) || f != nil && f.String() != tc.fields {
			t.Errorf("%.60q: %v, %v, want %q", tc.fields, f, err, tc.want)
		}
		if err != nil && err.Status != 400 {
			t.Errorf("%.60q: status %d", tc.fields, err.Status)
		}
	}
}

// Who shares what is selected has to know what it depends on.
func TestWhatFieldsDependOn(t *testing.T) {
	for fields, want := range map[string]struct{ subject, policy bool }{
		"attributes,thingId":                           {},
		"_policy":                                      {policy: true},
		"thingId,_policy,attributes":                   {policy: true},
		"features/{{feature:id}}/properties":           {},
		"features/{{feature:id}},_policy":              {policy: true},
		"{{header:x}}":                                 {policy: true},
		"attributes/{{request:subjectId}}":             {subject: true, policy: true},
		"a/{{header:a|fn:default(request:subjectId)}}": {subject: true, policy: true},
	} {
		f, err := Parse(fields)
		if err != nil {
			t.Fatal(fields, err)
		}
		if f.UsesSubject() != want.subject || f.MaySelectPolicy() != want.policy {
			t.Errorf("%s: subject %t, policy %t, want %+v", fields, f.UsesSubject(), f.MaySelectPolicy(), want)
		}
	}
}
