package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

// guests adds the users anna and bob, and has subjects expire to the second.
func guests(s *snapshot.Snapshot) {
	withUser("anna")(s)
	withUser("bob")(s)
	s.Policies.SubjectExpiryGranularity = time.Second
	s.Policies.Announcements.Granularity = time.Second
}

// expiring returns a subject that expires at a time, with an announcement,
// which is JSON.
func expiring(at time.Time, announcement string) string {
	return fmt.Sprintf(`{"type":"guest","expiry":%q,"announcement":%s}`, at.Format(time.RFC3339), announcement)
}

// soon returns a full second that is to come, and later one that this test does
// not see.
func soon() time.Time  { return time.Now().UTC().Truncate(time.Second).Add(2 * time.Second) }
func later() time.Time { return soon().Add(time.Hour) }

const (
	subscribe   = "START-SEND-POLICY-ANNOUNCEMENTS"
	unsubscribe = "STOP-SEND-POLICY-ANNOUNCEMENTS"
	// atOnce is announced as soon as it is known of a subject that expires
	// within a day.
	atOnce      = `{"beforeExpiry":"24h","randomizationInterval":"0s"}`
	whenDeleted = `{"whenDeleted":true}`
	// seen is what anna has to acknowledge.
	seen = `{"beforeExpiry":"24h","randomizationInterval":"0s","requestedAcks":{"labels":["anna:seen"]}}`
)

// subscribed opens a session that gets announcements.
func subscribed(t *testing.T, g *gateway.Gateway, user, target string) *client {
	t.Helper()
	c := dialWith(t, g, target, authorization(user, gatewaytest.Password))
	c.mustSubscribe(subscribe)
	return c
}

// mustSubscribe sends a control message that must be acknowledged.
func (c *client) mustSubscribe(control string) {
	c.t.Helper()
	name, _, _ := strings.Cut(control, "?")
	if got := c.ask(control); got != name+":ACK" {
		c.t.Fatalf("%s is answered %s", control, got)
	}
}

// announcement is the envelope of one.
type announcement struct {
	Topic   string                     `json:"topic"`
	Headers map[string]json.RawMessage `json:"headers"`
	Path    string                     `json:"path"`
	Value   struct {
		DeleteAt   time.Time `json:"deleteAt"`
		SubjectIDs []string  `json:"subjectIds"`
	} `json:"value"`
}

// announced expects the announcement of a subject's deletion.
func (c *client) announced(policy, subject string) announcement {
	c.t.Helper()
	text := c.receive()
	var a announcement
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		c.t.Fatalf("%v in %s", err, text)
	}
	want := announcement{Topic: policy + "/policies/announcements/subjectDeletion", Headers: a.Headers, Path: "/", Value: a.Value}
	want.Value.SubjectIDs = []string{subject}
	if diff := cmp.Diff(want, a); diff != "" {
		c.t.Errorf("announcement (-want +got):\n%s", diff)
	}
	if len(a.Headers["correlation-id"]) < len(`"12345678"`) {
		c.t.Errorf("there is no correlation id in %s", text)
	}
	return a
}

// header returns a header as JSON, empty if there is none.
func (a *announcement) header(name string) string { return string(a.Headers[name]) }

// ack returns the text of an acknowledgement of the announcement.
func (a *announcement) ack(label string, status int) string {
	return acknowledgement("test/p", a.header("correlation-id"), label, status)
}

func acknowledgement(policy, correlationID, label string, status int) string {
	return fmt.Sprintf(`{"topic":"%s/policies/acks/%s","headers":{"correlation-id":%s},"path":"/","status":%d}`,
		policy, label, correlationID, status)
}

// subjectPath is that of a guest of policyOf.
func subjectPath(user string) string { return "/entries/guests/subjects/nginx:" + user }

// isGuest reports whether a user is still in the policy.
func (c *client) isGuest(policy, user string) bool {
	c.t.Helper()
	text := policyCommand(policy, "retrieve", subjectPath(user), "")
	status, code := c.do(text)
	if status != 200 && code != "policies:subject.notfound" {
		c.t.Fatalf("%s is answered %d %s", text, status, code)
	}
	return status == 200
}

// mustLeave waits until a guest is gone, which must not be before the time.
func (c *client) mustLeave(policy, user string, expiry time.Time) {
	c.t.Helper()
	until(c.t, user+" is removed", func() bool { return !c.isGuest(policy, user) })
	if early := time.Until(expiry); early > 0 {
		c.t.Errorf("%s was removed %s too early", user, early)
	}
}

// An announcement is for exactly the sessions of the subject that have
// subscribed.
func TestAnnouncementReachesItsSubject(t *testing.T) {
	g := start(t, guests)
	owner := dial(t, g, gatewaytest.User)
	sessions := map[string]*client{
		"first":           subscribed(t, g, "anna", "/ws/2"),
		"second":          subscribed(t, g, "anna", "/ws/2"),
		"right namespace": dial(t, g, "anna"),
	}
	sessions["right namespace"].mustSubscribe(subscribe + "?namespaces=other,test")
	bob, elsewhere := subscribed(t, g, "bob", "/ws/2"), dial(t, g, "anna")
	elsewhere.mustSubscribe(subscribe + "?namespaces=other,test.sub")
	stopped, silent := subscribed(t, g, "anna", "/ws/2"), dial(t, g, "anna")
	stopped.mustSubscribe(unsubscribe)
	silent.mustSubscribe("START-SEND-EVENTS")

	expiry := later()
	owner.mustDo(policyCommand("p", "create", "/", policyOf(`{"nginx:anna":`+expiring(expiry, atOnce)+`}`)), 201, "")
	id := ""
	for name, c := range sessions {
		a := c.announced("test/p", "nginx:anna")
		if !a.Value.DeleteAt.Equal(expiry) {
			t.Errorf("%s: it is announced for %s, and is at %s", name, a.Value.DeleteAt, expiry)
		}
		if a.header("requested-acks")+a.header("timeout") != "" {
			t.Errorf("%s: it asks for an acknowledgement: %s", name, a.Headers)
		}
		if id != "" && a.header("correlation-id") != id {
			t.Errorf("%s: it is another announcement than that of the others", name)
		}
		id = a.header("correlation-id")
	}

	// It is made before it takes effect, once, and nobody else has got it: what
	// they get next is another.
	if !owner.isGuest("p", "anna") {
		t.Error("anna was removed although there is an hour left")
	}
	stopped.mustSubscribe(subscribe)
	silent.mustSubscribe(subscribe)
	sessions["stopped"], sessions["silent"] = stopped, silent
	owner.mustDo(policyCommand("q", "create", "/", policyOf(`{"nginx:anna":`+expiring(later(), atOnce)+`}`)), 201, "")
	for _, c := range sessions {
		c.announced("test/q", "nginx:anna")
	}
	owner.mustDo(policyCommand("r", "create", "/", policyOf(`{"nginx:bob":`+expiring(later(), atOnce)+`}`)), 201, "")
	bob.announced("test/r", "nginx:bob")
	other := message("other/p/policies/commands/create", "/", policyOf(`{"nginx:anna":`+expiring(later(), atOnce)+`}`))
	owner.mustDo(other, 201, "")
	elsewhere.announced("other/p", "nginx:anna")
}

// A policy need not be readable for those who are told of their removal. One
// that a session has two subjects of is announced for each.
func TestAnnouncementForEachSubject(t *testing.T) {
	g := start(t, guests, withPreAuthentication(snapshot.PreAuthenticationHeader))
	owner, both := dial(t, g, gatewaytest.User), dialWith(t, g, "/ws/2", proxied("nginx:anna", "nginx:bob"))
	both.mustSubscribe(subscribe)
	one := expiring(later(), atOnce)
	owner.mustDo(policyCommand("p", "create", "/", policyOf(`{"nginx:anna":`+one+`,"nginx:bob":`+one+`}`)), 201, "")
	dial(t, g, "anna").mustDo(policyCommand("p", "retrieve", "/", ""), 404, "policies:policy.notfound")
	got := map[string]bool{}
	for range 2 {
		var a announcement
		if err := json.Unmarshal([]byte(both.receive()), &a); err != nil {
			t.Fatal(err)
		}
		got[fmt.Sprint(a.Value.SubjectIDs)] = true
	}
	if diff := cmp.Diff(map[string]bool{"[nginx:anna]": true, "[nginx:bob]": true}, got); diff != "" {
		t.Errorf("announced (-want +got):\n%s", diff)
	}
}

// A subject that a command removes is told, if it wants to be, however that
// comes about.
func TestAnnouncementWhenDeleted(t *testing.T) {
	g := start(t, guests)
	owner, anna, bob := dial(t, g, gatewaytest.User), subscribed(t, g, "anna", "/ws/2"), subscribed(t, g, "bob", "/ws/2")
	told := policyOf(`{"nginx:anna":{"type":"guest","announcement":` + whenDeleted + `},"nginx:bob":{"type":"guest"}}`)
	without := policyOf(`{}`)
	for name, change := range map[string]string{
		"delete-subject":  policyCommand("delete-subject", "delete", subjectPath("anna"), ""),
		"modify-subjects": policyCommand("modify-subjects", "modify", "/entries/guests/subjects", `{}`),
		"delete-entry":    policyCommand("delete-entry", "delete", "/entries/guests", ""),
		"modify":          policyCommand("modify", "modify", "/", without),
		"delete":          policyCommand("delete", "delete", "/", ""),
	} {
		owner.mustDo(policyCommand(name, "create", "/", told), 201, "")
		before := time.Now().Truncate(time.Millisecond)
		owner.mustDo(change, 204, "")
		at := anna.announced("test/"+name, "nginx:anna").Value.DeleteAt
		if at.Before(before) || at.After(time.Now()) {
			t.Errorf("%s: it is announced for %s, and was between %s and now", name, at, before)
		}
		// That a command did nothing to the subject is not announced.
		if name == "modify" {
			owner.mustDo(policyCommand(name, "modify", "/", told), 204, "")
			owner.mustDo(policyCommand(name, "modify", "/", told), 204, "")
		}
	}
	owner.mustDo(policyCommand("last", "create", "/", policyOf(`{"nginx:bob":`+expiring(later(), atOnce)+`}`)), 201, "")
	bob.announced("test/last", "nginx:bob") // and nothing before
	anna.mustWork()
}

// When its time has come a subject is gone, and so is what it might do.
func TestSubjectExpires(t *testing.T) {
	t.Parallel()
	g := start(t, guests)
	owner, anna := dial(t, g, gatewaytest.User), dial(t, g, "anna")
	owner.mustDo(policyCommand("p", "create", "/", policyOf(`{"nginx:anna":{"type":"guest"}}`)), 201, "")
	owner.mustDo(command("lamp", "create", "/", `{"policyId":"test:p"}`), 201, "")
	anna.mustDo(command("lamp", "retrieve", "/", ""), 200, "")
	expiry := soon()
	owner.mustDo(policyCommand("p", "modify", subjectPath("anna"), expiring(expiry, "null")), 204, "")
	owner.mustLeave("p", "anna", expiry)
	anna.mustDo(command("lamp", "retrieve", "/", ""), 404, "things:thing.notfound")
	if n := metric(t, g, `policy_subjects_total{step="expired"}`); n != 1 {
		t.Errorf("%v subjects were counted as expired, want 1", n)
	}
}

// A subject whose announcement has to be acknowledged stays until it is, or
// until nobody waits any more.
func TestAnnouncementIsAcknowledged(t *testing.T) {
	t.Parallel()
	g := start(t, guests)
	owner, other := dial(t, g, gatewaytest.User), subscribed(t, g, "anna", "/ws/2")
	anna := subscribed(t, g, "anna", "/ws/2?declared-acks=anna:seen,anna:heard")
	expiry := soon()
	told := policyOf(`{"nginx:anna":` + expiring(expiry, seen) + `,"nginx:bob":` + expiring(expiry, "null") + `}`)
	owner.mustDo(policyCommand("p", "create", "/", told), 201, "")

	a := anna.announced("test/p", "nginx:anna")
	if a.header("requested-acks") != `["anna:seen"]` || a.header("timeout") != `"60s"` {
		t.Errorf("anna is asked for %s", a.Headers)
	}
	b := other.announced("test/p", "nginx:anna")
	if b.header("requested-acks") != `[]` || b.header("timeout") != `"60s"` {
		t.Errorf("a session that declares nothing is asked for %s", b.Headers)
	}

	// What is no acknowledgement of anna's.
	anna.mustDo(a.ack("anna:told", 200), 400, "acknowledgement:label.not.declared")
	other.mustDo(a.ack("anna:seen", 200), 400, "acknowledgement:label.not.declared")
	for _, label := range []string{"twin-persisted", "live-response", "search-persisted"} {
		anna.mustDo(a.ack(label, 200), 400, "acknowledgement:ditto.acklabel.forbidden")
	}
	anna.send(a.ack("anna:heard", 200)) // not asked for
	anna.send(acknowledgement("test/p", `"other"`, "anna:seen", 200))
	anna.send(acknowledgement("test/q", a.header("correlation-id"), "anna:seen", 200))
	anna.mustWork() // nothing of that is answered
	owner.mustLeave("p", "bob", expiry)
	if !owner.isGuest("p", "anna") {
		t.Fatal("anna was removed without an acknowledgement")
	}

	anna.send(a.ack("anna:seen", 200))
	owner.mustLeave("p", "anna", expiry)
	anna.mustWork()
	for step, want := range map[string]float64{"announced": 1, "acknowledged": 1, "expired": 2, "abandoned": 0} {
		if n := metric(t, g, `policy_subjects_total{step="`+step+`"}`); n != want {
			t.Errorf("%v subjects were counted as %s, want %v", n, step, want)
		}
	}
}

// Whoever else may issue the acknowledgement cannot acknowledge for a subject.
func TestOnlyTheSubjectAcknowledges(t *testing.T) {
	t.Parallel()
	g := start(t, guests)
	const declaring = "/ws/2?declared-acks=anna:seen"
	owner, anna := dial(t, g, gatewaytest.User), subscribed(t, g, "anna", "/ws/2")
	bob := subscribed(t, g, "bob", declaring)
	expiry := soon()
	told := policyOf(`{"nginx:anna":` + expiring(expiry, seen) + `,"nginx:bob":` + expiring(expiry, "null") + `}`)
	owner.mustDo(policyCommand("p", "create", "/", told), 201, "")
	a := anna.announced("test/p", "nginx:anna")
	bob.send(a.ack("anna:seen", 200))
	bob.mustWork()
	owner.mustLeave("p", "bob", expiry)
	if !owner.isGuest("p", "anna") {
		t.Fatal("anna was removed because bob has acknowledged")
	}
	_ = bob.ws.CloseNow()
	until(t, "the label is free", func() bool { return metric(t, g, "sessions") == 2 })
	again := dialWith(t, g, declaring, authorization("anna", gatewaytest.Password))
	again.send(a.ack("anna:seen", 200))
	again.mustWork()
	owner.mustLeave("p", "anna", expiry)
}

// An acknowledgement in time does not hasten the removal. A final error means
// that nobody has to be waited for.
func TestAcknowledgedSubjectStaysUntilItExpires(t *testing.T) {
	t.Parallel()
	g := start(t, guests)
	owner, anna := dial(t, g, gatewaytest.User), subscribed(t, g, "anna", "/ws/2?declared-acks=anna:seen")
	expiry := soon()
	for policy, status := range map[string]int{"positive": 204, "final": 400} {
		owner.mustDo(policyCommand(policy, "create", "/", policyOf(`{"nginx:anna":`+expiring(expiry, seen)+`}`)), 201, "")
		a := anna.announced("test/"+policy, "nginx:anna")
		anna.send(acknowledgement("test/"+policy, a.header("correlation-id"), "anna:seen", status))
	}
	for _, policy := range []string{"positive", "final"} {
		owner.mustLeave(policy, "anna", expiry)
	}
	anna.mustWork()
}

// How long a subject is waited for may change while it is.
func TestApplyShortensTheGracePeriod(t *testing.T) {
	t.Parallel()
	g := start(t, guests)
	owner := dial(t, g, gatewaytest.User)
	expiry := soon()
	told := policyOf(`{"nginx:anna":` + expiring(expiry, seen) + `,"nginx:bob":` + expiring(expiry, "null") + `}`)
	owner.mustDo(policyCommand("p", "create", "/", told), 201, "")
	owner.mustLeave("p", "bob", expiry)
	if !owner.isGuest("p", "anna") {
		t.Fatal("anna was removed without an acknowledgement")
	}
	mustApply(t, g, configuration(t, guests, func(s *snapshot.Snapshot) { s.Policies.Announcements.GracePeriod = 0 }),
		"policies.announcements.gracePeriod")
	until(t, "anna is removed", func() bool { return !owner.isGuest("p", "anna") })
}

// What came due while there was no gateway is done by the next one: subjects
// are told first if they want to be.
func TestSubjectsExpireOverARestart(t *testing.T) {
	t.Parallel()
	disk := slowdisk.New()
	before := startOn(t, disk, guests)
	owner := dial(t, before, gatewaytest.User)
	expiry := soon()
	told := policyOf(`{"nginx:anna":` + expiring(expiry, seen) + `,"nginx:bob":` + expiring(expiry, "null") + `}`)
	owner.mustDo(policyCommand("p", "create", "/", told), 201, "")
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(expiry))

	after := startOn(t, disk, guests, func(s *snapshot.Snapshot) { s.Policies.Announcements.Timeout = time.Second })
	defer after.Close()
	owner, anna := dial(t, after, gatewaytest.User), subscribed(t, after, "anna", "/ws/2?declared-acks=anna:seen")
	owner.mustLeave("p", "bob", expiry)
	if !owner.isGuest("p", "anna") {
		t.Fatal("anna was removed without an acknowledgement")
	}
	// The first announcement may have come before anna.
	a := anna.announced("test/p", "nginx:anna")
	if !a.Value.DeleteAt.Equal(expiry) || a.header("requested-acks") != `["anna:seen"]` {
		t.Errorf("the announcement is %+v %s", a.Value, a.Headers)
	}
	acknowledged := make(chan struct{})
	go func() {
		defer close(acknowledged)
		for err := error(nil); err == nil; err = anna.acknowledge(&a) {
		}
	}()
	owner.mustLeave("p", "anna", expiry)
	_ = anna.ws.CloseNow()
	<-acknowledged
}

// acknowledge acknowledges an announcement, and replaces it by the next.
func (c *client) acknowledge(a *announcement) error {
	if err := c.ws.Write(c.t.Context(), websocket.MessageText, []byte(a.ack("anna:seen", 200))); err != nil {
		return err
	}
	text, err := c.read()
	if err != nil {
		return err
	}
	return json.Unmarshal(text, a)
}

// Who declares the same acknowledgement as another is told and sent away.
func TestDeclaredAcknowledgements(t *testing.T) {
	g := start(t, guests)
	const target = "/ws/2?declared-acks=anna:seen"
	first := dialWith(t, g, target, authorization("anna", gatewaytest.Password))
	first.mustWork()
	second := dialWith(t, g, target, authorization("bob", gatewaytest.Password))
	if status, code := statusOf(t, second.receive()); status != 409 || code != "acknowledgement:label.not.unique" {
		t.Errorf("who declares what is taken is answered %d %s", status, code)
	}
	second.mustClose(closePolicy)
	first.mustWork()
	_ = first.ws.CloseNow()
	until(t, "the label is free", func() bool { return metric(t, g, "sessions") == 0 })
	dialWith(t, g, target, authorization("bob", gatewaytest.Password)).mustWork()
	a := handshake(t, g, "/ws/2?declared-acks=a", authorization("bob", gatewaytest.Password))
	if a.status != http.StatusBadRequest {
		t.Fatalf("a label that is too short is answered %d", a.status)
	}
	mustRefuse(t, a, refusal{400, "acknowledgement:label.invalid"})
}
