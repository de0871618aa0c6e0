package rest

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

const statusAccepted = http.StatusAccepted

// answer is what a request is answered with.
type answer struct {
	status  int
	media   string // of the body, "" for JSON
	body    []byte
	headers [][2]string
	// err is what was wrong, nil if nothing was.
	err *protocol.Error
	// created says that the resource of the request was made.
	created bool
}

// refusal answers with an error.
func refusal(err *protocol.Error) *answer { return &answer{status: err.Status, err: err} }

func (a *answer) header(name, value string) { a.headers = append(a.headers, [2]string{name, value}) }

// answerOf returns what an envelope is as the answer to a request. It keeps nothing of the envelope.
func answerOf(e exchange.Envelope) *answer {
	switch e := e.(type) {
	case *protocol.Response:
		return answerOfResponse(e)
	case *protocol.ErrorResponse:
		a := refusal(e.Error)
		if e.Error.ETag != "" {
			a.header("etag", e.Error.ETag)
		}
		return a
	case *ack.Acks:
		return answerOfAcks(e)
	}
	return answerOfDevice(e)
}

// answerOfResponse returns what the twin has answered.
func answerOfResponse(r *protocol.Response) *answer {
	a := &answer{status: r.Status, body: bytes.Clone(r.Value), created: r.Status == http.StatusCreated}
	if r.ETag != "" {
		a.header("etag", r.ETag)
	}
	if r.Revision > 0 {
		a.header("entity-revision", strconv.FormatInt(r.Revision, 10))
	}
	if r.Metadata != nil {
		a.header("ditto-metadata", string(r.Metadata))
	}
	if r.Historical {
		a.header("historical-headers", "{}")
	}
	return a
}

// answerOfAcks returns what acknowledgements come to.
//
// Protocol rule: a single one is the answer, of several each is told by its label.
func answerOfAcks(a *ack.Acks) *answer {
	return refusal(protocol.ErrInternal())
}

// answerOfDevice returns what somebody else has answered.
func answerOfDevice(e exchange.Envelope) *answer {
	return refusal(protocol.ErrInternal())
}

// of completes the answer to an envelope.
func (a *answer) of(q *request, env *protocol.Envelope) {
	if id, ok := env.Headers.String(protocol.HeaderCorrelationID); ok {
		a.header("correlation-id", id)
	}
	if a.created {
		a.header("location", q.location(env))
	}
}

// location is where what was created is found.
func (q *request) location(env *protocol.Envelope) string {
	if q.http.Method == http.MethodPost {
		return q.http.URL.EscapedPath() + "/" + env.Topic.EntityID()
	}
	return q.http.URL.EscapedPath()
}

// write sends the answer. Protocol rule: the names of its headers are in lower case.
func (a *answer) write(w http.ResponseWriter, r *http.Request, c entrance.Challenges) {
	h := w.Header()
	for _, header := range a.headers {
		h[header[0]] = []string{header[1]}
	}
	if a.err != nil && a.status != http.StatusNotModified {
		c.Refuse(w, a.err)
		return
	}
	if len(a.body) > 0 {
		h.Set("Content-Type", orJSON(a.media))
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body) // the client may be gone
	}
}

func orJSON(media string) string {
	if media == "" {
		return mediaJSON
	}
	return media
}
