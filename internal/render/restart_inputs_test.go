package render_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/snapshot"
)

// A field that a running gateway cannot take over must be among the restart
// inputs, or its change would never reach the pods.
func TestRestartInputsCoverTheSnapshot(t *testing.T) {
	var paths []string
	each(reflect.TypeFor[snapshot.Snapshot](), nil, func(index []int) {
		var before, after snapshot.Snapshot
		set(reflect.ValueOf(&after).Elem().FieldByIndex(index))
		_, restart := snapshot.Changes(&before, &after)
		paths = append(paths, restart...)
	})
	slices.Sort(paths)
	want := []string{
		// Another Gateway has another StatefulSet, and another version of the format
		// another image.
		"gateway.name", "gateway.namespace", "version",
		"listener.port", "listener.tls", "search.index", "storage.cacheSize", "storage.type",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("what needs a restart (-covered +in snapshots):\n%s", diff)
	}
}

// each calls visit with the index of every field of a struct that is no struct
// itself.
func each(of reflect.Type, at []int, visit func(index []int)) {
	for i := range of.NumField() {
		index := append(slices.Clone(at), i)
		if field := of.Field(i).Type; field.Kind() == reflect.Struct {
			each(field, index, visit)
		} else {
			visit(index)
		}
	}
}

// set gives a field a value that is not zero.
func set(field reflect.Value) {
	switch field.Kind() {
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
	case reflect.Slice:
		field.Set(reflect.MakeSlice(field.Type(), 1, 1))
	case reflect.Map:
		field.Set(reflect.MakeMap(field.Type()))
	case reflect.String:
		field.SetString("x")
	default:
		field.SetInt(1)
	}
}
