package soak

import (
	"net/http"
	"slices"
)

// reply is what a device says to a request. What cannot be sent because the session has ended is lost, as it is to devices.
type reply struct {
	device  *device
	request *request
	signal  *envelope
	n       int
}

// all answers everything.
func (p *reply) all(s *session) {
	p.respond(s)
	if slices.Contains(p.request.kind.requested, own) {
		p.acknowledge(s, p.device.label(), p.signal.Headers.CorrelationID)
	}
}

// respond sends the response, also when none is required.
func (p *reply) respond(s *session) {
	if p.signal.Topic[len(p.device.topic("")):][:4] == "twin" {
		return
	}
	e := p.envelope()
	switch r := p.request; {
	case r.task == fail && !r.kind.isMessage():
		e.Topic, e.Path = p.device.topic("live/errors"), "/"
		e.Value = []byte(`{"status":507,"error":"` + refused + `","message":"` + r.id + `"}`)
		e.Status = failure
	default:
		e.Status = max(r.status(liveResponse), http.StatusOK)
	}
	if s.send(e) == nil && p.n == 1 && p.request.task != elsewhere {
		p.request.note(liveResponse)
	}
}

// envelope returns a response without status.
func (p *reply) envelope() *envelope {
	return &envelope{
		Topic: p.signal.Topic, Path: p.signal.Path, Value: echo{ID: p.request.id, N: p.n}.encode(),
		Headers: headers{CorrelationID: p.signal.Headers.CorrelationID, ContentType: "application/json"},
	}
}

func (p *reply) acknowledge(s *session, label, correlationID string) {
	channel := "live"
	if p.signal.Topic[len(p.device.topic("")):][:4] == "twin" {
		channel = "twin"
	}
	err := s.send(&envelope{
		Topic: p.device.topic(channel + "/acks/" + label), Path: "/", Value: echo{ID: p.request.id, N: p.n}.encode(),
		Headers: headers{CorrelationID: correlationID, ContentType: "application/json"}, Status: p.request.status(own),
	})
	if err == nil && p.n == 1 && s == p.device.session.Load() {
		p.request.note(own)
	}
}

// nonsense sends what answers nothing.
func (p *reply) nonsense(s *session) {
	p.acknowledge(s, p.device.neighbour().label(), p.signal.Headers.CorrelationID)
	p.acknowledge(s, p.device.label(), "of nothing")
	e := p.envelope()
	e.Status, e.Headers.CorrelationID = http.StatusOK, "of nothing"
	_ = s.send(e)
	other := p.envelope()
	other.Status = http.StatusOK
	other.Topic = p.device.neighbour().topic(p.signal.Topic[len(p.device.topic("")):])
	if p.signal.Topic != p.device.topic("twin/events/modified") {
		_ = s.send(other)
	}
}
