package protocol

import (
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// ValueOptions are the members of a value that is an object of optional settings. What is missing, or null, has the default; the
// first that cannot be read is the error of all.
type ValueOptions struct {
	object []byte
	err    *Error
}

// ReadOptions reads a value. Errors: json.invalid, and json.format.invalid for what is no object.
func ReadOptions(value []byte) (ValueOptions, *Error) {
	object, err := document.Canonical(value)
	if err != nil {
		return ValueOptions{}, ErrValueInvalid(err.Error())
	}
	if document.KindOf(object) != document.Object {
		return ValueOptions{}, ErrJSONFormatInvalid("The value must be an object.")
	}
	return ValueOptions{object: object}, nil
}

// Err returns what is wrong with the first member that could not be read: json.invalid, nil if there is none.
func (o *ValueOptions) Err() *Error { return o.err }

// Has reports whether there is a member that is not null.
func (o *ValueOptions) Has(name string) bool {
	_, ok := o.get(name)
	return ok
}

// Text returns a member that is a string, "" without.
func (o *ValueOptions) Text(name string) string {
	raw, ok := o.get(name)
	if !ok {
		return ""
	}
	if document.KindOf(raw) != document.String {
		o.fail(name, "must be a string")
		return ""
	}
	return textOf(raw)
}

// Texts returns a member that is an array of strings, nil without.
func (o *ValueOptions) Texts(name string) (texts []string) {
	raw, ok := o.get(name)
	if !ok {
		return nil
	}
	valid := document.KindOf(raw) == document.Array
	for element := range document.Elements(raw) {
		valid = valid && document.KindOf(element) == document.String
		texts = append(texts, textOf(element))
	}
	if !valid {
		o.fail(name, "must be an array of strings")
	}
	return texts
}

// Int returns a member that is a whole number, or the default.
func (o *ValueOptions) Int(name string, without int64) int64 {
	raw, ok := o.get(name)
	if !ok {
		return without
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		o.fail(name, "must be a whole number")
	}
	return n
}

// Instant returns a member that is a time, the zero time without.
func (o *ValueOptions) Instant(name string) time.Time {
	text := o.Text(name)
	if text == "" && !o.Has(name) {
		return time.Time{}
	}
	at, ok := ParseInstant(text)
	if !ok {
		o.fail(name, "must be a time such as 2026-01-02T03:04:05Z")
	}
	return at
}

func (o *ValueOptions) get(name string) ([]byte, bool) {
	raw, ok := document.Get(o.object, document.Pointer{name})
	return raw, ok && document.KindOf(raw) != document.Null
}

func (o *ValueOptions) fail(name, reason string) {
	if o.err == nil {
		o.err = errMember(name, reason)
	}
}
