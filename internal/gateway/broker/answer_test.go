package broker

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// TestAcknowledge says which acknowledgements count. Mine was given a signal with the correlation id c that asks for my:ack and
// our:ack, and for one of another member.
func TestAcknowledge(t *testing.T) {
	const twin, live = protocol.Twin, protocol.Live
	for name, c := range map[string]struct {
		channel          protocol.Channel
		thing, label, id string
		status           int
		who              string
		want             string // counted, or the code of an error
	}{
		"what was asked for":        {twin, thing, "my:ack", "c", 200, "mine", ""},
		"what has failed":           {twin, thing, "my:ack", "c", 500, "mine", ""},
		"another that was asked":    {twin, thing, "our:ack", "c", 200, "mine", ""},
		"under another id":          {twin, thing, "my:ack", "d", 200, "mine", "unknown:1"},
		"under a suffix":            {twin, thing, "my:ack", "c#0", 200, "mine", "unknown:1"},
		"on the other channel":      {live, thing, "my:ack", "c", 200, "mine", "mismatched:1"},
		"about another thing":       {twin, "ns:other", "my:ack", "c", 200, "mine", "mismatched:1"},
		"about another namespace":   {twin, "other:thing", "my:ack", "c", 200, "mine", "mismatched:1"},
		"again":                     {twin, thing, "again:ack", "c", 200, "mine", "repeated:1"},
		"what was not asked for":    {twin, thing, "spare:ack", "c", 200, "mine", "repeated:1"},
		"what others were asked":    {twin, thing, "your:ack", "c", 200, "mine", "acknowledgement:label.not.declared"},
		"in the name of the server": {twin, thing, twinPersisted, "c", 200, "mine", "acknowledgement:ditto.acklabel.forbidden"},
		"without a status":          {twin, thing, "my:ack", "c", 0, "mine", "protocoladapter:unknown.topicpath"},
		"by another session":        {twin, thing, "my:ack", "c", 200, "twin of mine", "unknown:1"},
		"by who is gone":            {twin, thing, "my:ack", "c", 200, "gone", "unknown:1"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, Options{})
			labels := []string{"again:ack", "my:ack", "our:ack", "spare:ack"}
			who := map[string]*member{"mine": w.member(labels...), "twin of mine": w.member(labels...), "gone": w.member(labels...)}
			a := w.open(w.member(), terms(false, "c", "my:ack", "our:ack", "your:ack", "again:ack"))
			w.publish(a, who["mine"], who["gone"], w.member("your:ack"))
			w.ack(who["mine"], "again:ack", "c", 200)
			who["gone"].party.End()

			got := ""
			if err := w.acknowledge(who[c.who], c.channel, c.thing, c.label, c.id, c.status); err != nil {
				got = err.Code
			}
			if got += w.told(); got != c.want {
				t.Errorf("came to %q, want %q", got, c.want)
			}
			w.verify()
		})
	}
}

// TestAcknowledgeWeakly checks that a client may say itself that nobody else will acknowledge, but not for the server.
func TestAcknowledgeWeakly(t *testing.T) {
	w := newWorld(t, Options{})
	m := w.member("my:ack")
	a := w.open(w.member(), terms(false, "c", "my:ack", twinPersisted))
	w.publish(a, m)
	for _, label := range []string{twinPersisted, "my:ack"} {
		env := &protocol.Envelope{Status: 200, Topic: protocol.Topic{
			Namespace: "ns", Name: "thing", Group: protocol.Things, Channel: protocol.Twin, Criterion: protocol.Acks, Subject: label,
		}}
		env.Headers.SetString(protocol.HeaderCorrelationID, "c")
		env.Headers.Set(protocol.HeaderWeakAck, []byte("true"))
		if err := w.Acknowledge(m, env); err != nil {
			t.Error(err)
		}
	}
	w.verify()
	a.Put(persisted())
	if got := a.told() + ", " + w.told(); got != "my:ack=200(weak) twin-persisted=204, answered:1" {
		t.Error(got)
	}
}

// TestAcknowledgeUnasked checks that who has declared a label acknowledges with it only what it was asked.
func TestAcknowledgeUnasked(t *testing.T) {
	w := newWorld(t, Options{})
	m := w.member("my:ack", "our:ack")
	a := w.open(w.member(), terms(false, "c", "my:ack", "our:ack"))
	a.Give(m, pubsub.Delivery{CorrelationID: "c", Acks: []string{"our:ack"}})
	w.ack(m, "my:ack", "c", 200)
	w.ack(m, "our:ack", "c", 200)
	if got := w.told(); got != "repeated:1" || a.told() != "" {
		t.Errorf("counted %q, told %q", got, a.told())
	}
	w.verify()
}

// TestAcknowledgeLate checks that what comes behind the end is not known any more, by whomever.
func TestAcknowledgeLate(t *testing.T) {
	w := newWorld(t, Options{})
	m := w.member("my:ack")
	a := w.open(w.member(), terms(false, "c", "my:ack"))
	w.publish(a, m)
	w.ack(m, "my:ack", "c", 200)
	w.ack(m, "my:ack", "c", 500)
	if got := a.told() + ", " + w.told(); got != "my:ack=200, answered:1 unknown:1" {
		t.Error(got)
	}
	w.empty()
}

// TestPayTwice checks that who acknowledges twice at the same time has settled once.
func TestPayTwice(t *testing.T) {
	w := newWorld(t, Options{})
	m := w.member("my:ack")
	w.publish(w.open(w.member(), terms(false, "c", "my:ack", "your:ack")), m)
	d, owed := m.party.find("c")
	m.party.pay(d, owed)
	m.party.pay(d, owed)
	w.verify()
	if d, owed = m.party.find("c"); d == nil || owed != 0 {
		t.Errorf("owes %b", owed)
	}
}

// TestFind says what responses find by their correlation id. There are waits for live signals with the ids c, c (again) and
// d#7, and for a modification with t. The device was given t twice and c once, with a suffix.
func TestFind(t *testing.T) {
	w := newWorld(t, Options{})
	asker, device, other := w.member(), w.member("my:ack"), w.member()
	names := map[*Wait]string{nil: "none"}
	open := func(name string, live bool, id string, labels ...string) *asking {
		a := w.open(asker, terms(live, id, labels...))
		names[a.Wait] = name
		return a
	}
	w.publish(open("t", false, "t", "my:ack"), device)
	w.publish(open("other t", false, "t", "my:ack"), device)
	w.publish(open("live t", true, "t", "my:ack"), device)
	w.publish(open("first c", true, "c"), device)
	second := open("second c", true, "c")
	w.publish(open("d#7", true, "d#7"), device)
	w.publish(open("t#1", true, "t#1"), other)

	if id := second.CorrelationID(); !strings.HasPrefix(id, "c_") || len(id) < len("c_")+20 {
		t.Errorf("the second is delivered as %s", id)
	}
	for _, c := range []struct {
		who      *member
		id, want string
	}{
		{device, "c", "first c"},
		{other, "c", "first c"},
		{asker, "c", "first c"},
		{other, "c#0", "first c"},
		{other, "c#123", "first c"},
		{other, "c#", "none"},
		{other, "c#x", "none"},
		{other, "c#-1", "none"},
		{other, "c_", "none"},
		{other, second.CorrelationID(), "second c"},
		{other, second.CorrelationID() + "#0", "second c"},
		{other, "d#7", "d#7"},
		{other, "d#7#0", "d#7"},
		{other, "d#8", "none"},
		{other, "d", "none"},
		{other, "", "none"},
		{other, "#0", "none"},
		// What somebody was given counts more than what others wait for; modifications have no response.
		{device, "t#1", "live t"},
		{other, "t#1", "t#1"},
		{device, "t", "live t"},
		{device, "t#0", "live t"},
	} {
		w.told()
		if got := names[w.Find(c.who.party, c.id)]; got != c.want {
			t.Errorf("%q finds %s, want %s", c.id, got, c.want)
		}
		if got := w.told(); (got == "unknown:1") != (c.want == "none") {
			t.Errorf("%q is counted as %q", c.id, got)
		}
	}
	w.verify()
	asker.party.End()
	w.empty()
	if w.Find(device.party, "c") != nil {
		t.Error("what has ended is found")
	}
}

// TestFindAfterReconnect checks that a device which has come back may still respond.
func TestFindAfterReconnect(t *testing.T) {
	w := newWorld(t, Options{})
	asker, device := w.member(), w.member("my:ack")
	a := w.open(asker, terms(true, "c", "my:ack"))
	w.publish(a, device)
	device.party.End()
	w.verify()
	if wait := w.Find(w.member("my:ack").party, "c"); wait != a.Wait {
		t.Errorf("found %+v", wait)
	}
}
