package gateway_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// described puts an answer into the words of outcomes.
func described(t *testing.T, text string) string {
	t.Helper()
	if text == "" {
		return string(silence)
	}
	var e struct {
		Topic, Path string
		Headers     struct {
			ResponseRequired *bool `json:"response-required"`
		}
		Value  json.RawMessage
		Status int
	}
	mustUnmarshal(t, text, &e)
	if e.Headers.ResponseRequired == nil || *e.Headers.ResponseRequired {
		return "no answer"
	}
	_, topic, _ := strings.Cut(e.Topic, "/")
	_, topic, _ = strings.Cut(topic, "/")
	switch {
	case strings.HasSuffix(topic, "/errors"):
		_, code := statusOf(t, text)
		return toldError(e.Status, code)
	case strings.HasSuffix(topic, "/acks"):
		var acks map[string]ack
		mustUnmarshal(t, string(e.Value), &acks)
		return toldAcks(topic+e.Path, e.Status, acks)
	}
	return toldResponse(topic+e.Path, e.Status)
}

func toldError(status int, code string) string {
	return fmt.Sprintf("%s: %d %s", failure, status, code)
}

func toldResponse(where string, status int) string {
	return fmt.Sprintf("%s: %d on %s", response, status, where)
}

func toldAcks(where string, status int, acks map[string]ack) string {
	labels := []string{}
	for _, label := range slices.Sorted(maps.Keys(acks)) {
		labels = append(labels, label+" "+acks[label].String())
	}
	return fmt.Sprintf("%s: %d on %s: %s", aggregated, status, where, strings.Join(labels, ", "))
}

// ack is one of aggregated acknowledgements.
type ack struct {
	Status  int
	Payload json.RawMessage
	Headers struct {
		Weak bool `json:"ditto-weak-ack"`
	}
}

// String describes the acknowledgement. One that is missing says so in its payload, as an error does.
func (a ack) String() string {
	var e struct {
		Status int
		Error  string
	}
	_ = json.Unmarshal(a.Payload, &e) // a payload may be anything
	switch {
	case a.Status == 408 && e.Status == 408 && e.Error == "acknowledgement:request.timeout":
		return "missing"
	case a.Headers.Weak:
		return fmt.Sprintf("weak %d", a.Status)
	}
	return fmt.Sprint(a.Status)
}

// told describes the outcome of a question. There may be several that are right.
func (o *outcome) told(q *question) []string {
	switch o.reply {
	case response:
		return []string{toldResponse(q.kind.replyTopic()+q.kind.path, q.kind.status)}
	case aggregated:
		channel := "twin"
		if q.kind.rules == liveRules {
			channel = "live"
		}
		return []string{toldAcks("things/"+channel+"/acks/", o.status(), o.envelopes())}
	case failure:
		var all []string
		for _, code := range o.codes {
			status := 400
			if code == commandTimeout {
				status = 408
			}
			all = append(all, toldError(status, code))
		}
		return all
	}
	return []string{string(silence)}
}

// envelopes returns the acknowledgements of an outcome as they are sent.
func (o *outcome) envelopes() map[string]ack {
	all := map[string]ack{}
	for label, g := range o.acks {
		a := ack{Status: g.status}
		a.Headers.Weak = g.weak
		if g.status == 408 {
			a.Payload = []byte(`{"status":408,"error":"acknowledgement:request.timeout"}`)
		}
		all[label] = a
	}
	return all
}

// replyTopic is what follows the entity in the topic of a response. A smart retrieve is answered by the device.
func (k *kind) replyTopic() string {
	if k.rules == liveRules {
		return strings.Replace(k.topic, "/twin/", "/live/", 1)
	}
	return k.topic
}
