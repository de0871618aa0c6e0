package apply

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// document is an object as JSON has it.
type document = map[string]any

// documentOf returns an object, or what is to be applied of one, as a document.
func documentOf(object any) (document, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	var out document
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return out, nil
}

// associative are the lists in which others may have entries of their own; each
// names what identifies an entry. In every other list what we apply is all there
// is, so that an addition of somebody else is drift.
var associative = map[string][]string{
	".metadata.ownerReferences":                     {"uid"},
	".spec.ports":                                   {"port", "protocol"},
	".spec.template.spec.containers":                {"name"},
	".spec.template.spec.containers[].env":          {"name"},
	".spec.template.spec.containers[].ports":        {"containerPort", "protocol"},
	".spec.template.spec.containers[].volumeMounts": {"mountPath"},
	".spec.template.spec.imagePullSecrets":          {"name"},
	".spec.template.spec.initContainers":            {"name"},
	".spec.template.spec.topologySpreadConstraints": {"topologyKey", "whenUnsatisfiable"},
	".spec.template.spec.volumes":                   {"name"},
}

// contains says whether everything that is wanted is in what there is. Fields
// that are not wanted are the API server's or somebody else's, and do not count.
func contains(have, want any, path string) bool {
	switch want := want.(type) {
	case document:
		fields, ok := have.(document)
		return (ok || have == nil) && containsFields(fields, want, path)
	case []any:
		have, _ := have.([]any)
		return containsEntries(have, want, path)
	}
	return reflect.DeepEqual(have, want) || have == nil && isZero(want)
}

func containsFields(have, want document, path string) bool {
	for key, value := range want {
		if !contains(have[key], value, path+"."+key) {
			return false
		}
	}
	return true
}

func containsEntries(have, want []any, path string) bool {
	keys, found := associative[path]
	if !found {
		return len(have) == len(want) && containsInOrder(have, want, path)
	}
	for _, entry := range want {
		if !slices.ContainsFunc(have, func(candidate any) bool {
			return sameEntry(candidate, entry, keys) && contains(candidate, entry, path+"[]")
		}) {
			return false
		}
	}
	return true
}

func containsInOrder(have, want []any, path string) bool {
	for i := range want {
		if !contains(have[i], want[i], path+"[]") {
			return false
		}
	}
	return true
}

// sameEntry says whether two entries are the same one. A key that is not wanted
// has a default.
func sameEntry(have, want any, keys []string) bool {
	haveFields, ok := have.(document)
	wantFields, also := want.(document)
	if !ok || !also {
		return reflect.DeepEqual(have, want)
	}
	for _, key := range keys {
		if value, ok := wantFields[key]; ok && !reflect.DeepEqual(haveFields[key], value) {
			return false
		}
	}
	return true
}

// isZero says whether a value is one that the API server leaves out.
func isZero(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case bool:
		return !value
	case string:
		return value == ""
	case float64:
		return value == 0
	}
	return false
}
