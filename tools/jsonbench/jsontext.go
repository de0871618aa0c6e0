package jsonbench

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

var errType = errors.New("unexpected JSON type")

// decodeJSONText reads tokens with github.com/go-json-experiment/json/jsontext.
func decodeJSONText(frame []byte, env *envelope) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(frame))
	env.headers = env.headers[:0]
	return eachMember(d, func(name string) error {
		switch name {
		case "topic":
			return readText(d, &env.topic)
		case "path":
			return readText(d, &env.path)
		case "headers":
			return eachMember(d, func(name string) error {
				raw, err := readRaw(d)
				env.headers = append(env.headers, header{name, raw})
				return err
			})
		case "value":
			raw, err := readRaw(d)
			env.value = raw
			return err
		}
		return d.SkipValue()
	})
}

func eachMember(d *jsontext.Decoder, member func(name string) error) error {
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return errors.Join(err, errType)
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func readText(d *jsontext.Decoder, s *string) error {
	t, err := d.ReadToken()
	if err != nil || t.Kind() != '"' {
		return errors.Join(err, errType)
	}
	*s = t.String()
	return nil
}

// readRaw copies, because the decoder owns its buffer.
func readRaw(d *jsontext.Decoder) ([]byte, error) {
	v, err := d.ReadValue()
	return bytes.Clone(v), err
}

// setJSONText copies raw values from a decoder to an encoder and goes into the objects on the way.
func setJSONText(doc []byte, path []string, value []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(doc) + len(value))
	e := jsontext.NewEncoder(&out)
	if err := copySetting(jsontext.NewDecoder(bytes.NewBuffer(doc)), e, path, value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

func copySetting(d *jsontext.Decoder, e *jsontext.Encoder, path []string, value []byte) error {
	if len(path) == 0 {
		return errors.Join(d.SkipValue(), e.WriteValue(value))
	}
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	err := eachMember(d, func(name string) error {
		if err := e.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		if name == path[0] {
			return copySetting(d, e, path[1:], value)
		}
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		return e.WriteValue(raw)
	})
	return errors.Join(err, e.WriteToken(jsontext.EndObject))
}
