package rest

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

const mediaForm = "application/x-www-form-urlencoded"

// parse reads parameters of a query or a form. A semicolon is a character like others: filters contain it.
//
// Errors: gateway:parameters.invalid. What was left out would make a search for everything of one for something.
func parse(text string) (url.Values, *protocol.Error) {
	values, err := url.ParseQuery(strings.ReplaceAll(text, ";", "%3B"))
	if err != nil {
		return nil, protocol.ErrParametersInvalid()
	}
	return values, nil
}

// parameters returns what the request asks for: those of the query, or, if it is sent as a form, those of the form.
//
// Errors: 415 if it is no form, those of bodies, gateway:parameters.invalid, gateway:timeout.invalid.
func (q *request) parameters() (url.Values, *protocol.Error) {
	if q.http.Method != http.MethodPost {
		return q.query, nil
	}
	text := q.http.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(text); err != nil || media != mediaForm {
		return nil, protocol.ErrBodyTypeUnsupported(text, mediaForm)
	}
	body, err := q.body()
	if err != nil {
		return nil, err
	}
	form, err := parse(string(body))
	if err != nil {
		return nil, err
	}
	return form, q.readTimeoutOf(form)
}

// readTimeoutOf reads how long a form wants to wait, which must be what the request says if that says anything.
func (q *request) readTimeoutOf(form url.Values) *protocol.Error {
	const name = "timeout"
	if !form.Has(name) {
		return nil
	}
	h, err := protocol.SessionHeaders(
		map[string][]string{name: q.http.Header.Values(name)}, map[string][]string{name: append(q.query[name], form[name]...)},
	)
	if err != nil && err.Code == protocol.ErrTimeoutInvalid("").Code {
		return protocol.ErrRequestTimeoutInvalid(form.Get(name), longest)
	}
	if err != nil {
		return err
	}
	raw, _ := h.Get(protocol.HeaderTimeout)
	q.headers.Set(protocol.HeaderTimeout, raw)
	return q.readTimeout()
}
