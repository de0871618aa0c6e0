package snapshot

import (
	"reflect"
	"strings"
)

// needsRestart holds the fields that a running gateway cannot change. What is
// not named here takes effect live.
var needsRestart = map[string]bool{
	"version":             true,
	"gateway.namespace":   true,
	"gateway.name":        true,
	"listener.port":       true,
	"listener.tls":        true,
	"storage.type":        true,
	"storage.cacheSize":   true,
	"search.index":        true,
	"search.index.fields": true,
}

// Changes names the fields in which two snapshots differ, by their paths in
// the encoding and in its order: those that take effect on a running gateway,
// and those that need a restart. Users are one field, and so is every list.
func Changes(before, after *Snapshot) (live, restart []string) {
	for _, path := range differing("", reflect.ValueOf(*before), reflect.ValueOf(*after)) {
		if needsRestart[path] {
			restart = append(restart, path)
		} else {
			live = append(live, path)
		}
	}
	return live, restart
}

// differing returns the paths of the fields below path in which a and b, of
// the same type, differ. A method of authentication that only one of them has
// is reported as a whole.
func differing(path string, a, b reflect.Value) []string {
	if a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil() {
		a, b = a.Elem(), b.Elem()
	}
	if a.Kind() != reflect.Struct {
		if reflect.DeepEqual(a.Interface(), b.Interface()) {
			return nil
		}
		return []string{path}
	}
	var paths []string
	for i := range a.NumField() {
		name, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("json"), ",")
		if path != "" {
			name = path + "." + name
		}
		paths = append(paths, differing(name, a.Field(i), b.Field(i))...)
	}
	return paths
}
