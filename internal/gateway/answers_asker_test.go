package gateway_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/test/gatewaytest"
)

// asker asks the questions of one kind.
type asker struct {
	*client
	kind *kind
	// asked are the questions, told is what has come, and due what has to come yet, by correlation id.
	asked map[string]question
	told  map[string]string
	due   map[string]bool
	count int // of questions
}

// entities is how many entities the questions of a kind are about.
const entities = 8

func newAsker(t *testing.T, g *gateway.Gateway, k *kind) *asker {
	t.Helper()
	a := &asker{client: dial(t, g, gatewaytest.User), kind: k}
	for i := range entities {
		a.mustDo(a.creation(a.entity(i)), 201, "")
	}
	return a
}

func (a *asker) entity(i int) string { return fmt.Sprintf("e%d", i%entities) }

// topic returns the topic of a command on an entity of the asker's kind.
func (a *asker) topic(name, action string) string {
	group := "things/twin"
	if strings.HasPrefix(a.kind.topic, "policies/") {
		group = "policies"
	}
	return a.kind.namespace() + "/" + name + "/" + group + "/commands/" + action
}

// creation returns the text of a command that makes an entity.
func (a *asker) creation(name string) string {
	value := `{"attributes":{"a":0}}`
	if strings.HasPrefix(a.kind.topic, "policies/") {
		value = `{"entries":{"owner":{"subjects":{"nginx:ditto":{"type":"test"}},` +
			`"resources":{"policy:/":{"grant":["READ","WRITE"],"revoke":[]}}},"other":{"subjects":{},"resources":{}}}}`
	}
	return message(a.topic(name, "create"), "/", value)
}

// askAll asks questions and compares what comes with their outcomes. That nothing comes is seen when all else has come.
func (a *asker) askAll(t *testing.T, questions []question) {
	t.Helper()
	a.client = &client{t, a.ws}
	a.asked, a.told, a.due = map[string]question{}, map[string]string{}, map[string]bool{}
	for _, q := range questions {
		a.ask(q)
	}
	for len(a.due) > 0 {
		a.take()
	}
	a.mark(a.entity(0))
	a.compare()
}

// ask sends a question. Then it is seen that the session is served while the question is open.
func (a *asker) ask(q question) {
	a.t.Helper()
	a.count++
	id, name := fmt.Sprintf("%s-%d", a.kind.name, a.count), a.entity(a.count)
	if a.kind.fresh != anyThing {
		name = fmt.Sprintf("f%d", a.count)
	}
	if a.kind.fresh == presentThing {
		a.send(a.creation(name))
		a.until(creationID)
	}
	a.asked[id] = q
	if q.outcome().reply != silence {
		a.due[id] = true
	}
	a.send(q.envelope(name, id))
	a.mark(name)
}

// Correlation ids of what is no question. That of creations is the one of message.
const (
	creationID = "test"
	markID     = "mark"
)

// mark sends a retrieve and waits until it is answered.
func (a *asker) mark(name string) {
	a.t.Helper()
	a.send(strings.Replace(message(a.topic(name, "retrieve"), "/", ""), strconv.Quote(creationID), strconv.Quote(markID), 1))
	a.until(markID)
}

// until takes what comes up to the answer with a correlation id of the asker's own.
func (a *asker) until(id string) {
	a.t.Helper()
	for a.take() != id {
		continue
	}
}

// take receives an answer and keeps it, and returns its correlation id.
func (a *asker) take() string {
	a.t.Helper()
	text, err := a.read()
	if err != nil {
		a.t.Fatalf("%v; there is no answer to %s", err, a.missing())
	}
	var e struct {
		Headers struct {
			CorrelationID string `json:"correlation-id"`
		}
	}
	mustUnmarshal(a.t, string(text), &e)
	id := e.Headers.CorrelationID
	if id == creationID || id == markID {
		return id
	}
	q, ok := a.asked[id]
	switch before := a.told[id]; {
	case !ok:
		a.t.Errorf("nobody asked for %s", text)
	case before != "":
		a.t.Errorf("%s\nis answered\n%s\nand again\n%s", &q, before, text)
	}
	delete(a.due, id)
	a.told[id] = string(text)
	return id
}

// missing describes the questions that are not answered.
func (a *asker) missing() string {
	var all []string
	for id := range a.due {
		q := a.asked[id]
		all = append(all, q.String())
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// compare compares what came with the outcomes of what was asked.
func (a *asker) compare() {
	a.t.Helper()
	for _, id := range slices.Sorted(maps.Keys(a.asked)) {
		q := a.asked[id]
		o := q.outcome()
		if got, want := described(a.t, a.told[id]), o.told(&q); !slices.Contains(want, got) {
			a.t.Errorf("%s\nwant %s\ngot  %s\n%s", &q, strings.Join(want, "\n  or "), got, a.told[id])
		}
	}
}
