package jsonbench

import (
	"encoding/json"
	"slices"
)

// decodeStdlib uses encoding/json, which knows no order: the headers are sorted.
func decodeStdlib(frame []byte, env *envelope) error {
	var e struct {
		Topic, Path string
		Headers     map[string]json.RawMessage
		Value       json.RawMessage
	}
	if err := json.Unmarshal(frame, &e); err != nil {
		return err
	}
	env.topic, env.path, env.value = e.Topic, e.Path, e.Value
	env.headers = env.headers[:0]
	for name, raw := range e.Headers {
		env.headers = append(env.headers, header{name, raw})
	}
	slices.SortFunc(env.headers, func(a, b header) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return nil
}

// setStdlib keeps members raw where it can: it decodes only the objects on the way.
func setStdlib(doc []byte, path []string, value []byte) ([]byte, error) {
	if len(path) == 0 {
		return value, nil
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(doc, &members); err != nil {
		return nil, err
	}
	below, err := setStdlib(members[path[0]], path[1:], value)
	if err != nil {
		return nil, err
	}
	members[path[0]] = below
	return json.Marshal(members)
}
