package protocol

import (
	"bytes"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Bounds of a control message.
const (
	maxControlText = 16 << 10 // bytes
	maxNamespaces  = 256
)

// Parameters of control messages. Others are ignored.
const (
	paramNamespaces    = "namespaces"
	paramFilter        = "filter"
	paramExtraFields   = "extraFields"
	paramCorrelationID = "correlation-id"
	paramToken         = "jwtToken"
)

// readParameters reads everything after the first question mark. It goes on after an error, to find the correlation id.
func (c *Control) readParameters(text []byte) (first *Error) {
	if len(text) > maxControlText {
		return ErrControlParameter("The message has more than 16 KiB.")
	}
	_, query, _ := bytes.Cut(text, []byte("?"))
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(string(query), "&") {
		if pair == "" {
			continue
		}
		if err := c.readParameter(pair, seen); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (c *Control) readParameter(pair string, seen map[string]bool) *Error {
	rawKey, rawValue, found := strings.Cut(pair, "=")
	key, keyOK := formDecode(rawKey)
	if !keyOK {
		return ErrControlParameter("The name of a parameter is not URL-encoded UTF-8.")
	}
	if !found {
		return errParameter(key, rawValue, "The parameter \""+excerpt(key)+"\" has no value.")
	}
	if seen[key] {
		return errParameter(key, rawValue, "The parameter \""+excerpt(key)+"\" is given more than once.")
	}
	seen[key] = true
	value, ok := formDecode(rawValue)
	if !ok {
		return errParameter(key, rawValue, "The parameter \""+excerpt(key)+"\" is not URL-encoded UTF-8.")
	}
	return c.set(key, value)
}

func (c *Control) set(key, value string) *Error {
	switch key {
	case paramNamespaces:
		return c.readNamespaces(value)
	case paramFilter:
		c.Filter, c.HasFilter = value, true
	case paramExtraFields:
		c.ExtraFields, c.HasExtraFields = value, true
	case paramCorrelationID:
		c.CorrelationID = value
	case paramToken:
		c.Token, c.HasToken = value, true
	}
	return nil
}

func (c *Control) readNamespaces(list string) *Error {
	for namespace := range strings.SplitSeq(list, ",") {
		if namespace == "" {
			continue
		}
		if len(c.Namespaces) == maxNamespaces {
			return ErrControlParameter("There are more than 256 namespaces.")
		}
		c.Namespaces = append(c.Namespaces, namespace)
	}
	return nil
}

// errParameter is the error for a parameter that cannot be read.
func errParameter(key, value, reason string) *Error {
	switch key {
	case paramFilter:
		return ErrRQLInvalid(value, reason)
	case paramExtraFields:
		e := ErrFieldSelectorInvalid(value)
		e.Description = reason
		return e
	}
	return ErrControlParameter(reason)
}

// formDecode decodes text that is URL-encoded like the data of an HTML form.
func formDecode(s string) (string, bool) {
	text, err := url.QueryUnescape(s)
	return text, err == nil && utf8.ValidString(text)
}
