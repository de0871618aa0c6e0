package gateway_test

import (
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/slowdisk"
)

// dialFor opens a session for subjects that a trusted proxy names.
func dialFor(t *testing.T, g *gateway.Gateway, subjects string) *client {
	t.Helper()
	return dialWith(t, g, "/ws/2", http.Header{"X-Ditto-Pre-Authenticated": {subjects}})
}

var trusting = withPreAuthentication(snapshot.PreAuthenticationHeader)

// policyWith returns a policy of alice, who may do everything, and of others.
func policyWith(entries ...string) string {
	all := entryFor("owner", "pre:alice", "thing:/ RW", "policy:/ RW")
	return `{"entries":{` + strings.Join(append([]string{all}, entries...), ",") + `}}`
}

// entryFor returns an entry as a member. A resource is its key with what it
// grants, behind a minus what it revokes.
func entryFor(label, subject string, resources ...string) string {
	var members []string
	for _, r := range resources {
		key, names, _ := strings.Cut(r, " ")
		grant, revoke, _ := strings.Cut(names, "-")
		members = append(members, fmt.Sprintf(`%q:{"grant":%s,"revoke":%s}`, key, permissionList(grant), permissionList(revoke)))
	}
	return fmt.Sprintf(`%q:{"subjects":{%q:{"type":"test"}},"resources":{%s},"importable":"implicit"}`, label, subject, strings.Join(members, ","))
}

func permissionList(letters string) string {
	names := []string{}
	for _, c := range letters {
		names = append(names, map[rune]string{'R': `"READ"`, 'W': `"WRITE"`}[c])
	}
	return "[" + strings.Join(names, ",") + "]"
}

// headed returns the text of an envelope with more headers, each with a comma before it.
func headed(topic, headers, path, value string) string {
	if value != "" {
		value = `,"value":` + value
	}
	return fmt.Sprintf(`{"topic":%q,"headers":{"correlation-id":"test"%s},"path":%q%s}`, topic, headers, path, value)
}

// Who creates a policy anew does not own what it was under somebody else.
func TestAttackHistoryOfAFormerOwner(t *testing.T) {
	g := start(t, trusting)
	alice, mallory := dialFor(t, g, "pre:alice"), dialFor(t, g, "pre:mallory")
	alice.mustDo(policyCommand("p", "modify", "/", policyWith(entryFor("secret", "pre:whistleblower", "thing:/ R"))), 201, "")
	alice.mustDo(policyCommand("p", "delete", "/", ""), 204, "")
	mallory.mustDo(policyCommand("p", "create", "/", `{"entries":{`+entryFor("me", "pre:mallory", "policy:/ RW")+`}}`), 201, "")
	answer := mallory.ask(headed("test/p/policies/commands/retrieve", `,"at-historical-revision":1`, "/", ""))
	if strings.Contains(answer, "whistleblower") {
		t.Errorf("the former owner's policy is shown: %s", answer)
	}
}

// An entity tag must not depend on what may not be read: it is a checksum, from which short values are found by trying.
func TestAttackEntityTagOfWhatIsHidden(t *testing.T) {
	g := start(t, trusting)
	alice, bob, wendy := dialFor(t, g, "pre:alice"), dialFor(t, g, "pre:bob"), dialFor(t, g, "pre:wendy")
	alice.mustDo(policyCommand("p", "modify", "/", policyWith(
		entryFor("reader", "pre:bob", "thing:/attributes R", "thing:/attributes/pin -R", "thing:/features/f/properties/a R"),
		entryFor("writer", "pre:wendy", "thing:/attributes/pin W"))), 201, "")
	alice.mustDo(command("t", "create", "/", `{"policyId":"test:p","attributes":{"name":"x","pin":"4711"},"features":{"f":{"properties":{"b":1}}}}`), 201, "")
	tag := func(text string) string {
		return fmt.Sprintf("hash:%x", crc32.Checksum([]byte(text), crc32.MakeTable(crc32.Castagnoli)))
	}
	if answer := bob.ask(command("t", "retrieve", "/attributes", "")); strings.Contains(answer, tag(`{"name":"x","pin":"4711"}`)) {
		t.Errorf("a partial reader is told the checksum of all: %s", answer)
	}
	// Without the header this is 404.
	if status, _ := bob.do(headed("test/t/things/twin/commands/retrieve", `,"if-none-match":"*"`, "/features/f", "")); status != 404 {
		t.Errorf("a header tells that there is a feature: %d", status)
	}
	answer := wendy.ask(headed("test/t/things/twin/commands/modify", `,"if-match":"\"x\""`, "/attributes/pin", "1"))
	if strings.Contains(answer, tag(`"4711"`)) {
		t.Errorf("who may only write is told the checksum: %s", answer)
	}
}

// Which namespaces a session may address holds for policies that a thing brings with it, copies or shows.
func TestAttackNamespaceAccessByWayOfAThing(t *testing.T) {
	thing, pol := snapshot.ResourceThing, snapshot.ResourcePolicy
	g := start(t, trusting, func(s *snapshot.Snapshot) {
		s.NamespaceAccess = []snapshot.NamespaceRule{
			{ResourceTypes: []snapshot.ResourceType{thing}, AllowedNamespaces: []string{"test"}},
			{
				Conditions:    []string{`{{ request:subjectId | fn:filter('eq','pre:alice') }}`},
				ResourceTypes: []snapshot.ResourceType{pol, thing}, AllowedNamespaces: []string{"*"},
			},
		}
	})
	alice, bob := dialFor(t, g, "pre:alice"), dialFor(t, g, "pre:bob")
	all := entryFor("bob", "pre:bob", "thing:/ RW", "policy:/ RW")
	alice.mustDo(message("else.where/q/policies/commands/modify", "/", policyWith(all)), 201, "")
	for name, value := range map[string]string{
		"inline":   `{"policyId":"else.where:p","_policy":{"entries":{` + all + `}}}`,
		"existing": `{"policyId":"else.where:q"}`,
		"copied":   `{"_copyPolicyFrom":"else.where:q"}`,
		"nowhere":  `{"policyId":":p","_policy":{"entries":{` + all + `}}}`,
	} {
		if status, code := bob.do(command(name, "create", "/", value)); status == 201 {
			t.Errorf("%s: answered %d %s, want 403", name, status, code)
		}
	}
}

// Commands of one session on a thing and the policy with its id take effect in their order.
func TestAttackCommandBehindARevocation(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk, trusting)
	defer g.Close()
	alice := dialFor(t, g, "pre:alice")
	alice.mustDo(policyCommand("t", "modify", "/", policyWith()), 201, "")
	alice.mustDo(command("t", "create", "/", `{"policyId":"test:t"}`), 201, "")
	release := disk.HoldSyncs()
	alice.send(policyCommand("t", "modify", "/entries/owner/resources/thing:/", `{"grant":["READ"],"revoke":[]}`))
	time.Sleep(100 * time.Millisecond) // it is applied, and not durable
	alice.send(command("t", "modify", "/attributes", `{}`))
	time.Sleep(100 * time.Millisecond)
	release()
	alice.receive()
	if status, _ := statusOf(t, alice.receive()); status != 403 {
		t.Errorf("a command behind the revocation is answered %d, want 403", status)
	}
}

// What is written together with another policy is told to nobody who may not read it there.
func TestAttackEventBesideAChangeOfPolicy(t *testing.T) {
	g := start(t, trusting)
	alice, bob := dialFor(t, g, "pre:alice"), dialFor(t, g, "pre:bob")
	alice.mustDo(policyCommand("open", "modify", "/", policyWith(entryFor("bob", "pre:bob", "thing:/ R"))), 201, "")
	alice.mustDo(policyCommand("closed", "modify", "/", policyWith()), 201, "")
	alice.mustDo(command("t", "create", "/", `{"policyId":"test:open"}`), 201, "")
	bob.ask("START-SEND-EVENTS")
	alice.mustDo(command("t", "modify", "/", `{"policyId":"test:closed","attributes":{"a":"secret"}}`), 204, "")
	if answer := bob.ask(command("t", "retrieve", "/", "")); strings.Contains(answer, "secret") {
		t.Errorf("bob is told: %s", answer)
	}
}

// A write below a value that is no object replaces it, and needs the permission for that.
func TestAttackWriteThroughAValue(t *testing.T) {
	g := start(t, trusting)
	alice, bob := dialFor(t, g, "pre:alice"), dialFor(t, g, "pre:bob")
	alice.mustDo(policyCommand("p", "modify", "/", policyWith(entryFor("bob", "pre:bob", "thing:/attributes/a/b W"))), 201, "")
	alice.mustDo(command("t", "create", "/", `{"policyId":"test:p","attributes":{"a":["precious"]}}`), 201, "")
	patch := headed("test/t/things/twin/commands/merge", `,"content-type":"application/merge-patch+json"`, "/", `{"attributes":{"a":{"b":1}}}`)
	for _, text := range []string{command("t", "modify", "/attributes/a/b", "1"), patch} {
		bob.do(text)
		if answer := alice.ask(command("t", "retrieve", "/attributes/a", "")); !strings.Contains(answer, "precious") {
			t.Errorf("%s\nhas replaced the value: %s", text, answer)
		}
		alice.do(command("t", "modify", "/attributes/a", `["precious"]`))
	}
}

// A thing whose creation was acknowledged does not lose its policy because another one could not be created.
func TestAttackPolicyOfAnotherThing(t *testing.T) {
	g := start(t, trusting)
	one, two := dialFor(t, g, "pre:alice"), dialFor(t, g, "pre:alice")
	large := strings.Repeat("x", 110<<10) // which is found out behind the creation of the policy
	for i := range 30 {
		id := fmt.Sprintf("p%d", i)
		one.send(command("large"+id, "create", "/", `{"policyId":"test:`+id+`","_policy":`+policyWith()+`,"attributes":{"a":"`+large+`"}}`))
		for j := range 6 {
			name := fmt.Sprintf("small%d-%d", i, j)
			if status, _ := two.do(command(name, "create", "/", `{"policyId":"test:`+id+`"}`)); status != 201 {
				continue
			}
			one.receive()
			two.mustDo(command(name, "retrieve", "/", ""), 200, "")
			one.send(command("sentinel", "retrieve", "/", ""))
			break
		}
		one.receive()
		if t.Failed() {
			return
		}
	}
}

// Who may read a thing is told that it was deleted, also if its policy goes at once.
func TestAttackDeletionThatNobodyHears(t *testing.T) {
	g := start(t, trusting)
	alice, watcher := dialFor(t, g, "pre:alice"), dialFor(t, g, "pre:alice")
	watcher.ask("START-SEND-EVENTS")
	for i := range 20 {
		id := fmt.Sprintf("t%d", i)
		alice.mustDo(command(id, "create", "/", `{}`), 201, "")
		watcher.receive()
		alice.send(command(id, "delete", "/", ""))
		alice.send(policyCommand(id, "delete", "/", ""))
		alice.receive()
		alice.receive()
		if answer := watcher.ask(command("absent", "retrieve", "/", "")); !strings.Contains(answer, "deleted") {
			t.Fatalf("the deletion of %s was not told", id)
		}
		watcher.receive()
	}
}

// The resolved view shows of an imported entry no more than a retrieve of the imported policy does.
func TestAttackResolvedView(t *testing.T) {
	g := start(t, trusting)
	alice, bob := dialFor(t, g, "pre:alice"), dialFor(t, g, "pre:bob")
	alice.mustDo(policyCommand("base", "modify", "/", policyWith(
		entryFor("x", "pre:hidden", "thing:/ R"), entryFor("bob", "pre:bob", "policy:/ R"))), 201, "")
	bob.mustDo(policyCommand("mine", "modify", "/", `{"imports":{"test:base":{}},"entries":{`+entryFor("me", "pre:bob", "policy:/ RW")+`}}`), 201, "")
	alice.mustDo(policyCommand("base", "modify", "/entries/bob/resources", `{"policy:/entries/x/resources":{"grant":["READ"],"revoke":[]}}`), 204, "")
	if answer := bob.ask(policyCommand("base", "retrieve", "/", "")); strings.Contains(answer, "pre:hidden") {
		t.Fatalf("bob may read it: %s", answer)
	}
	if answer := bob.ask(headed("test/mine/policies/commands/retrieve", `,"policy-view":"resolved"`, "/", "")); strings.Contains(answer, "pre:hidden") {
		t.Errorf("bob is shown: %s", answer)
	}
}

// policyStore is an authority's reader of policies that do not change.
type policyStore struct {
	policies map[string]string
	loads    int
}

func (s *policyStore) Load(k store.Key) (store.Record, error) {
	s.loads++
	text, ok := s.policies[k.ID]
	if !ok {
		return store.Record{}, store.ErrNotFound
	}
	return store.Record{Revision: 1, Doc: []byte(`{"policyId":"` + k.ID + `",` + text[1:])}, nil
}

// heavy returns a policy of 40 kB whose references stand for almost as many memberships as there may be.
func heavy() string {
	var subjects, referring []string
	for i := range 1600 {
		subjects = append(subjects, fmt.Sprintf(`"p:%d":{"type":"t"}`, i))
	}
	for i := range 3 {
		referring = append(referring, fmt.Sprintf(
			`"r%d":{"subjects":{},"resources":{"thing:/a%d":{"grant":["READ"],"revoke":[]}},"importable":"implicit","references":[{"entry":"big"}]}`, i, i))
	}
	big := `"big":{"subjects":{` + strings.Join(subjects, ",") + `},"resources":{"thing:/":{"grant":["READ"],"revoke":[]}},"importable":"implicit"}`
	return policyWith(append(referring, big)...)
}

// One policy that is large once it is compiled does not push those of everybody else out of the cache.
func TestAttackCacheOfPolicies(t *testing.T) {
	s := &policyStore{policies: map[string]string{"test:heavy": heavy()}}
	for i := range 2100 {
		s.policies[fmt.Sprintf("test:p%d", i)] = policyWith()
	}
	a := authority.NewAuthority(s, 16<<20, authority.Settings{})
	use := func(id string) {
		if _, err := a.Policies.Compiled(id); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2000 {
		use(fmt.Sprintf("test:p%d", i))
	}
	s.loads = 0
	for i := range 10_000 {
		if i%100 == 0 { // the heavy one, and a new one
			use("test:heavy")
			use(fmt.Sprintf("test:p%d", 2000+i/100))
		}
		use(fmt.Sprintf("test:p%d", i*7919%2000))
	}
	if s.loads > 1000 {
		t.Errorf("%d of 10000 uses have missed the cache", s.loads)
	}
}

// Checking permissions takes no longer than its timeout.
func TestAttackCheckPermissionsForever(t *testing.T) {
	g := start(t, trusting)
	alice := dialFor(t, g, "pre:alice")
	var checks []string
	for i := range 60 {
		alice.mustDo(policyCommand(fmt.Sprintf("p%d", i), "modify", "/", heavy()), 201, "")
		checks = append(checks, fmt.Sprintf(`"c%d":{"resource":"policy:/","entityId":"test:p%d","hasPermissions":["WRITE"]}`, i, i))
		// They must differ, or they would share what they are compiled to.
		alice.mustDo(policyCommand(fmt.Sprintf("p%d", i), "modify", fmt.Sprintf("/entries/owner/subjects/p:x%d", i), `{"type":"t"}`), 201, "")
	}
	// Together they take many times as long.
	alice.mustDo(headed("_/_/policies/commands/checkPermissions", `,"timeout":"20ms"`, "/", "{"+strings.Join(checks, ",")+"}"), 408, "command.timeout")
}
