package conformance

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// answerLike returns the answer by HTTP that says what an envelope says, nil if there is none.
func answerLike(p pattern) *answer {
	tree, _ := p.tree.(object)
	number, _ := tree["status"].(json.Number)
	status, err := strconv.Atoi(number.String())
	if err != nil {
		return nil
	}
	topic, _ := tree["topic"].(string)
	if strings.HasSuffix(topic, "/acks") {
		return answerLikeAcks(p, status, tree["value"])
	}
	a := &answer{status: status, twin: true}
	headers, _ := tree["headers"].(object)
	_, a.open = headers[rest]
	a.open = a.open || tree["headers"] == nil
	value, given := tree["value"]
	_, more := tree[rest]
	switch {
	case status == http.StatusNotModified:
	case given && strings.Contains(topic, "/messages/"):
		if !a.answerLikeMessage(headers, value) {
			return nil
		}
	case given:
		a.body = content{kind: jsonContent, source: p.source, tree: value}
	case more:
		a.body = content{kind: anyContent}
	}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if name != rest && (name != "content-type" || a.body.kind == jsonContent) && (name != "response-required" || !a.open) {
			a.header = append(a.header, headerLike(name, headers[name]))
		}
	}
	a.instead = insteadOf(status, value)
	return a
}

// answerLikeAcks returns the answer that says what acknowledgements say: of one what it says, of several each by its label.
func answerLikeAcks(p pattern, status int, value any) *answer {
	a := &answer{status: status, twin: true, acks: true, open: true, body: content{kind: jsonContent, source: p.source, tree: value}}
	acks, _ := value.(object)
	if len(acks) != 1 || acks[rest] != nil {
		return a
	}
	for _, one := range acks {
		one, _ := one.(object)
		payload, given := one["payload"]
		switch {
		case given && status != http.StatusNoContent:
			a.body.tree = payload
		case one[rest] != nil:
			a.body = content{kind: anyContent}
		default:
			a.body = content{}
		}
	}
	return a
}

func headerLike(name string, value any) headerLine {
	switch v := value.(type) {
	case string:
		return headerLine{name: name, value: v}
	case object, []any:
		return headerLine{name: name, value: encode(v), tree: v}
	}
	return headerLine{name: name, value: encode(value)}
}

// instead is what HTTP says where an envelope has another error.
type instead struct {
	status int
	code   string
}

// otherErrors are the errors that are others in HTTP, by their code.
//
// Protocol rules: where there is nothing, a request leads nowhere, and where something cannot be done with what there is, its method
// is not allowed.
var otherErrors = map[string][]instead{
	"protocoladapter:unknown.topicpath": {{http.StatusNotFound, "gateway:route.notfound"}, {http.StatusMethodNotAllowed, "gateway:method.notallowed"}},
	"protocoladapter:unknown.path":      {{http.StatusNotFound, "gateway:route.notfound"}, {http.StatusMethodNotAllowed, "gateway:method.notallowed"}},
	"timeout.invalid":                   {{http.StatusBadRequest, "gateway:timeout.invalid"}},
}

func insteadOf(status int, value any) []instead {
	failed, _ := value.(object)
	code, _ := failed["error"].(string)
	if status < http.StatusBadRequest || otherErrors[code] == nil {
		return nil
	}
	return otherErrors[code]
}

// alternative returns what an answer is in HTTP if it is not what the envelope says.
func (a *answer) alternative(got reply) *answer {
	var failed struct{ Error string }
	if json.Unmarshal(got.body, &failed) != nil {
		return a
	}
	for _, other := range a.instead {
		if got.status != other.status || failed.Error != other.code {
			continue
		}
		b, err := parseContent(other.status, other.code)
		if err != nil {
			return a
		}
		return &answer{name: a.name, status: other.status, open: true, body: b}
	}
	return a
}
