package rest

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

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
	// echoes says that the answer shows headers of the request.
	echoes bool
}

// refusal answers with an error.
func refusal(err *protocol.Error) *answer { return &answer{status: err.Status, err: err} }

// usualHeaders is how many headers most answers have at most.
const usualHeaders = 8

func (a *answer) header(name, value string) {
	if a.headers == nil {
		a.headers = make([][2]string, 0, usualHeaders)
	}
	a.headers = append(a.headers, [2]string{name, value})
}

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
		a.echo(&e.Headers, e.Originator)
		return a
	case *ack.Acks:
		return answerOfAcks(e)
	}
	return answerOfDevice(e)
}

// answerOfResponse returns what the twin has answered.
func answerOfResponse(r *protocol.Response) *answer {
	a := &answer{status: r.Status, body: bytes.Clone(r.Value), created: r.Status == http.StatusCreated}
	a.echo(&r.Headers, r.Originator)
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

// of completes the answer to an envelope.
func (a *answer) of(q *request, env *protocol.Envelope) {
	if id, ok := env.Headers.String(protocol.HeaderCorrelationID); ok && printable(id) {
		a.header("correlation-id", id)
	}
	// A timeout that the request did not name is nothing that it should be shown.
	if a.echoes && q.timeout != nil {
		timeout, _ := q.headers.String(protocol.HeaderTimeout)
		a.header("timeout", timeout)
	}
	if a.created {
		a.header("location", q.location(env))
	}
}

// location is where what was created is found.
func (q *request) location(env *protocol.Envelope) string {
	if q.http.Method == http.MethodPost {
		return strings.TrimSuffix(q.http.URL.EscapedPath(), "/") + "/" + env.Topic.EntityID()
	}
	return q.http.URL.EscapedPath()
}

// write sends the answer. Protocol rule: the names of its headers are in lower case.
func (a *answer) write(w http.ResponseWriter, r *http.Request, c entrance.Challenges) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writePatience))
	h := w.Header()
	values := make([]string, 0, len(a.headers)+2) // of all headers, which have one each
	set := func(name, value string) {
		values = append(values, value)
		h[name] = values[len(values)-1 : len(values) : len(values)]
	}
	for _, header := range a.headers {
		set(header[0], header[1])
	}
	if a.err != nil && a.status != http.StatusNotModified {
		c.Refuse(w, a.err)
		return
	}
	body := a.pack(h, r)
	if len(body) > 0 {
		set("Content-Type", orJSON(a.media))
		set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone
	}
}

func orJSON(media string) string {
	if media == "" {
		return mediaJSON
	}
	return media
}
