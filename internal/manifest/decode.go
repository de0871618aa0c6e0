package manifest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/internal/snapshot"
)

// decode fills an object from its JSON and says whether all of it could be
// used. What could not is reported field by field. The decoder of the standard
// library would stop at the first one, take unknown fields, and not name the
// field where a type decodes itself.
func (d *document) decode(raw json.RawMessage, object any) bool {
	before := d.found
	d.check(raw, reflect.TypeOf(object).Elem(), "")
	if d.found > before {
		return false
	}
	if json.Unmarshal(raw, object) != nil {
		// The error may cite values.
		d.errorf("", snapshot.RuleType, "cannot be decoded")
		return false
	}
	return true
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// check reports what of raw cannot be decoded into a type.
func (d *document) check(raw json.RawMessage, t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case string(raw) == "null":
		// The same as leaving the field out.
	case reflect.PointerTo(t).Implements(unmarshaler), t == reflect.TypeFor[[]byte]():
		d.checkValue(raw, t, path)
	case t.Kind() == reflect.Struct:
		d.checkStruct(raw, t, path)
	case t.Kind() == reflect.Map:
		d.checkMap(raw, t, path)
	case t.Kind() == reflect.Slice:
		d.checkList(raw, t, path)
	default:
		d.checkValue(raw, t, path)
	}
}

func (d *document) checkStruct(raw json.RawMessage, t reflect.Type, path string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		d.wrongType(raw, t, path)
		return
	}
	fields := jsonFields(t)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		field, known := fields[name]
		if !known {
			d.errorf(member(path, name), snapshot.RuleKnown, "unknown field")
			continue
		}
		d.check(members[name], field, member(path, name))
	}
}

func (d *document) checkMap(raw json.RawMessage, t reflect.Type, path string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		d.wrongType(raw, t, path)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		d.check(members[key], t.Elem(), path+"["+key+"]")
	}
}

func (d *document) checkList(raw json.RawMessage, t reflect.Type, path string) {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		d.wrongType(raw, t, path)
		return
	}
	for i, element := range elements {
		d.check(element, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
	}
}

// Quantities with an exponent can take minutes to decode.
var (
	// sizeSyntax is what the API allows of a number of bytes.
	sizeSyntax = regexp.MustCompile(`^"?[0-9]{1,12}(Ki|Mi|Gi|Ti|k|M|G|T)?"?$`)
	// resourceSyntax is what is read of an amount of CPU or memory.
	resourceSyntax = regexp.MustCompile(`^"?[0-9]{1,12}([.][0-9]{1,9})?(m|Ki|Mi|Gi|Ti|k|M|G|T)?"?$`)
)

// resources is where quantities are those of Kubernetes itself.
const resources = "spec.workload.resources."

func (d *document) checkValue(raw json.RawMessage, t reflect.Type, path string) {
	if t != reflect.TypeFor[resource.Quantity]() {
		if json.Unmarshal(raw, reflect.New(t).Interface()) != nil {
			d.wrongType(raw, t, path)
		}
		return
	}
	switch isResource := strings.HasPrefix(path, resources); {
	case isResource && !resourceSyntax.Match(raw):
		d.errorf(path, snapshot.RuleSyntax, "must be an amount such as 100m, 1.5 or 512Mi")
	case !isResource && !sizeSyntax.Match(raw):
		d.wrongType(raw, t, path)
	}
}

// wrongType reports a value that cannot be decoded, without showing it.
func (d *document) wrongType(raw json.RawMessage, t reflect.Type, path string) {
	if syntax, ok := syntaxes[t]; ok {
		d.errorf(path, snapshot.RuleSyntax, "must be %s", syntax)
		return
	}
	want, got := typeName(t), jsonName(raw)
	if got == "a number" && strings.HasPrefix(want, "a whole number") {
		d.errorf(path, snapshot.RuleType, "must be %s", want)
		return
	}
	d.errorf(path, snapshot.RuleType, "must be %s, got %s", want, got)
}

// syntaxes describes the types whose values are strings of some syntax.
var syntaxes = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity](): "a whole number of bytes such as 64Mi",
	reflect.TypeFor[metav1.Time]():       "a time such as 2026-01-31T12:00:00Z",
	reflect.TypeFor[[]byte]():            "a string in base64",
}

// typeName says what JSON must have where Go has a type.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice:
		return "a list"
	case reflect.Int32:
		return "a whole number of at most 32 bits"
	case reflect.Int64:
		return "a whole number of at most 64 bits"
	}
	return "an object"
}

// jsonName says what a JSON value is.
func jsonName(raw json.RawMessage) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}

// jsonFields returns the members that a struct has in JSON, by name.
func jsonFields(t reflect.Type) map[string]reflect.Type {
	fields := make(map[string]reflect.Type, t.NumField())
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name != "":
			fields[name] = field.Type
		case field.Anonymous:
			maps.Copy(fields, jsonFields(field.Type))
		}
	}
	return fields
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// member returns the path of a member of the object at a path.
func member(path, name string) string {
	switch {
	case !plainName.MatchString(name):
		return path + "[" + name + "]"
	case path == "":
		return name
	}
	return path + "." + name
}
