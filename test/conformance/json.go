package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// object is a JSON object. Members of an envelope have no order.
type object map[string]any

var (
	errEncoding  = errors.New("is not valid UTF-8")
	errDuplicate = errors.New("has a member twice")
	errTrailing  = errors.New("has text after the JSON value")
)

// decode parses one JSON value into nil, bool, string, json.Number, []any and object. It is stricter than encoding/json:
// a member twice, bytes that are not UTF-8 and trailing text are errors, because a server must not send them.
func decode(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errEncoding
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := decodeValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errTrailing
	}
	return v, nil
}

func decodeValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(d)
	case json.Delim('['):
		return decodeArray(d)
	}
	return token, nil
}

func decodeObject(d *json.Decoder) (any, error) {
	o := object{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, fmt.Errorf("member name %v is no string", token)
		}
		if _, twice := o[key]; twice {
			return nil, fmt.Errorf("%w: %q", errDuplicate, key)
		}
		if o[key], err = decodeValue(d); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return o, err
}

func decodeArray(d *json.Decoder) (any, error) {
	a := []any{}
	for d.More() {
		v, err := decodeValue(d)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := d.Token()
	return a, err
}

// encode prints a decoded value on one line, for messages. Members are sorted by name.
func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
