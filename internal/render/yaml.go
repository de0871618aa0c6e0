package render

import (
	"bytes"
	"encoding/json"
	"fmt"

	"sigs.k8s.io/yaml"
)

// YAML returns the objects as documents of YAML. With redact, each value of a
// Secret is replaced by its size, so that the result is for people to read and
// not to be applied.
func YAML(objects []Object, redact bool) ([]byte, error) {
	var out bytes.Buffer
	for i, object := range objects {
		data, err := document(object, redact)
		if err != nil {
			return nil, fmt.Errorf("write %s %s: %w", object.GVK.Kind, object.Name, err)
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(data)
	}
	return out.Bytes(), nil
}

func document(object Object, redact bool) ([]byte, error) {
	data, err := json.Marshal(object.Config)
	if err != nil {
		return nil, err
	}
	if redact && object.GVK == kindSecret {
		if data, err = redacted(data); err != nil {
			return nil, err
		}
	}
	return yaml.JSONToYAML(data)
}

// redacted replaces the values of a Secret.
func redacted(secret []byte) ([]byte, error) {
	var fields map[string]any
	if err := json.Unmarshal(secret, &fields); err != nil {
		return nil, err
	}
	var content struct {
		Data map[string][]byte `json:"data"`
	}
	if err := json.Unmarshal(secret, &content); err != nil {
		return nil, err
	}
	sizes := make(map[string]string, len(content.Data))
	for key, value := range content.Data {
		sizes[key] = fmt.Sprintf("[redacted, %d bytes]", len(value))
		if string(value) == issued {
			sizes[key] = issued
		}
	}
	fields["data"] = sizes
	return json.Marshal(fields)
}
