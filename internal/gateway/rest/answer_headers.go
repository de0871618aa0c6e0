package rest

import (
	"crypto/rand"
	"net/http"
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// echo adds what an answer of the gateway shows of the headers of its request, and on whose behalf that was.
//
// Protocol rule: the headers of an envelope are those of the response.
func (a *answer) echo(h *protocol.Headers, originator string) {
	a.show(h)
	a.headers = slices.DeleteFunc(a.headers, func(header [2]string) bool { return header[0] == "timeout" }) // see of
	if originator != "" {
		a.header("ditto-originator", originator)
	}
	if labels, given := h.CustomLabels(); given {
		a.header("requested-acks", string(labels))
	}
	a.echoes = true
}

const correlationID = "correlation-id"

// identify adds what every answer has. Protocol rules: the correlation id of its request, or one of its own; it requires no answer
// itself.
func (a *answer) identify(r *http.Request) {
	a.header("response-required", "false")
	for _, header := range a.headers {
		if header[0] == correlationID {
			return
		}
	}
	id := r.Header.Get(correlationID)
	if id == "" && r.URL.RawQuery != "" {
		id = r.URL.Query().Get(correlationID)
	}
	if id == "" || !printable(id) {
		id = rand.Text()
	}
	a.header(correlationID, id)
}
