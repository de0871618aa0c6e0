package render

import (
	"encoding/json"
	"fmt"
	"reflect"

	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/internal/snapshot"
)

// SnapshotYAML returns a snapshot for people to read: secrets are placeholders,
// and long content is its size and hash.
func SnapshotYAML(s *snapshot.Snapshot) ([]byte, error) {
	shown := new(plain)
	if err := json.Unmarshal(s.Encode(), shown); err != nil {
		return nil, fmt.Errorf("copy the snapshot: %w", err)
	}
	mask(reflect.ValueOf(shown).Elem())
	return yaml.Marshal(shown)
}

// plain is a Snapshot that marshals as what it holds.
type plain snapshot.Snapshot

// mask replaces all text that formats as something else than itself, which is
// how snapshots mark what is not to be shown.
func mask(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			mask(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			mask(field)
		}
	case reflect.Slice:
		for i := range v.Len() {
			mask(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			mask(value)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		if text, ok := reflect.TypeAssert[fmt.Stringer](v); ok && v.Len() > 0 {
			v.SetString(text.String())
		}
	}
}
