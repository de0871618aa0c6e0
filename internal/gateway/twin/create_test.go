package twin_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/test/slowdisk"
)

const createThing = "ns/t/things/twin/commands/create"

// withPolicy is the rest of a command that creates a thing together with the policy ns:p.
func withPolicy(members string, entries ...string) string {
	return fmt.Sprintf(`"path":"/","value":{"policyId":"ns:p","_policy":%s%s}`, entriesOf(entries...), members)
}

// What is made together is used at once, also by what was sent before any of it was decided.
func TestWhatIsSentWithTheCreationMayUseIt(t *testing.T) {
	for name, rest := range map[string]string{
		"by default":       create,
		"in the value":     `"path":"/","value":{"_policy":` + entriesOf(everything) + `}`,
		"with placeholder": `"path":"/","value":{"_policy":` + entriesOf(strings.Replace(everything, "nginx:ditto", "{{request:subjectId}}", 1)) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, vfs.NewMem(), "db", settings())
			c, stranger := newCaller(), newCaller("nginx:stranger")
			release := s.hold(t)
			ask(t, s, stranger, "ns/t/things/twin/commands/retrieve", "", `"path":"/"`)
			ask(t, s, c, createThing, "", rest)
			ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes/a","value":1`)
			ask(t, s, stranger, "ns/t/things/twin/commands/modify", "", `"path":"/attributes/a","value":2`)
			ask(t, s, stranger, "ns/t/things/twin/commands/retrieve", "", `"path":"/"`)
			ask(t, s, c, "ns/t/things/twin/commands/retrieve", "", `"path":"/attributes/a"`)
			release()
			for _, want := range []string{"201", "201", "200"} {
				c.mustReply(t, want)
			}
			for _, want := range []string{"404 things:thing.notfound", "403 things:attribute.notmodifiable", "404 things:thing.notfound"} {
				stranger.mustReply(t, want)
			}
			if !s.exists(t, store.Policy, "ns:t") {
				t.Error("there is no policy")
			}
		})
	}
}

// A policy that was decided before, in the same group, is what counts.
func TestAPendingPolicyCounts(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	c := newCaller()
	ask(t, s, c, createThing, "", create)
	c.mustReply(t, "201")
	release := s.hold(t)
	ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	s.setPolicy(t, "ns:t", "nginx:ditto +r /")
	ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	s.setPolicy(t, "ns:t")
	ask(t, s, c, "ns/t/things/twin/commands/retrieve", "", `"path":"/attributes"`)
	release()
	for _, want := range []string{"201", "403 things:attributes.notmodifiable", "404 things:thing.notfound"} {
		c.mustReply(t, want)
	}
}

// A policy that has not the id of the thing is made, too.
func TestCreateWithAnotherPolicy(t *testing.T) {
	for name, rest := range map[string]string{
		"in the value":     withPolicy("", everything),
		"by its own id":    `"path":"/","value":{"_policy":{"policyId":"ns:p",` + entriesOf(everything)[1:] + `}`,
		"with placeholder": withPolicy(`,"attributes":{"by":"{{ request:subjectId }}"}`, strings.Replace(everything, "nginx:ditto", "{{request:subjectId}}", 1)),
		"copied":           `"path":"/","value":{"policyId":"ns:p","_copyPolicyFrom":"ns:template"}`,
		"by a merge":       withPolicy("", everything),
		"by a modify":      withPolicy("", everything),
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, vfs.NewMem(), "db", settings())
			c, watcher := newCaller(), newCaller()
			s.hub.Subscribe(watcher, nil)
			s.permit(t, "ns:template", everything)
			topic, headers := createThing, ""
			if action, ok := strings.CutPrefix(name, "by a "); ok {
				topic, headers = "ns/t/things/twin/commands/"+action, `,"content-type":"application/merge-patch+json"`
			}
			ask(t, s, c, topic, headers, rest)
			ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes/a","value":1`)
			ask(t, s, c, "ns/u/things/twin/commands/create", "", `"path":"/","value":{"policyId":"ns:p"}`)
			for _, want := range []string{"201", "201", "201"} {
				c.mustReply(t, want)
			}
			if p := s.record(t, store.Policy, "ns:p"); p.Revision != 1 || !strings.HasPrefix(string(p.Doc), `{"policyId":"ns:p"`) {
				t.Errorf("the policy is %s at revision %d", p.Doc, p.Revision)
			}
			if doc := string(s.record(t, store.Thing, "ns:t").Doc); !strings.HasPrefix(doc, `{"thingId":"ns:t","policyId":"ns:p"`) {
				t.Errorf("the thing is %s", doc)
			}
			if s.exists(t, store.Policy, "ns:t") {
				t.Error("the thing has a policy of its own, too")
			}
			if told := watcher.told(t); len(told) != 3 {
				t.Errorf("events: %q", told)
			}
		})
	}
}

// The time that stands in an id is the same in all steps.
func TestCreateWithAPolicyWithTheTimeInItsID(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	c := newCaller()
	for i := range 20 {
		ask(t, s, c, fmt.Sprintf("ns/t%d/things/twin/commands/create", i), "",
			fmt.Sprintf(`"path":"/","value":{"policyId":"ns:p%d-{{time:now_epoch_millis}}","_policy":%s}`, i, entriesOf(everything)))
		c.mustReply(t, "201")
		time.Sleep(time.Millisecond / 2)
		ask(t, s, c, fmt.Sprintf("ns/t%d/things/twin/commands/retrieve", i), "", `"path":"/"`)
		c.mustReply(t, "200")
	}
}

// If the thing cannot be created the policy goes again. If there is one already it stays.
func TestNothingIsLeftOfAPolicyWithoutItsThing(t *testing.T) {
	const writer = "nginx:ditto +rw policy:/ +r /"
	large := strings.Repeat("x", 120<<10)
	for _, tc := range []struct{ name, headers, rest, want string }{
		{"must not be written", "", withPolicy("", writer), "403 things:thing.notmodifiable"},
		{"must not be written in part", "", withPolicy("", "nginx:ditto +rw policy:/ +rw / -w /attributes/x"), "403 things:thing.notmodifiable"},
		{"too large", "", withPolicy(`,"attributes":{"a":"`+large+`"}`, everything), "413 things:thing.toolarge"},
		{"by its conditions", `,"if-match":"*"`, withPolicy("", everything), "412 things:precondition.failed"},
		{"by the rules of the server", "", withPolicy(`,"definition":"secret:d:1"`, everything), "403 entity.notcreatable"},
		{"no such policy to be copied", "", `"path":"/","value":{"policyId":"ns:p","_copyPolicyFrom":"ns:none"}`, "404 policies:policy.notfound"},
		{"invalid", "", `"path":"/","value":{"policyId":"ns:p","_policy":{"entries":{}}}`, "400 things:policy.invalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, vfs.NewMem(), "db", settings())
			s.authority.Configure(authority.Settings{
				Creation: authority.CreationRules{
					Grant:  []authority.CreationRule{{}},
					Revoke: []authority.CreationRule{{Groups: []protocol.Group{protocol.Things}, Definitions: []document.Wildcard{"secret:*"}}},
				},
				Policies: policySettings(),
			})
			c, watcher := newCaller(), newCaller()
			s.hub.Subscribe(watcher, nil)
			ask(t, s, c, createThing, tc.headers, tc.rest)
			c.mustReply(t, tc.want)
			if s.exists(t, store.Policy, "ns:p") || s.exists(t, store.Thing, "ns:t") {
				t.Errorf("what is left: thing %t, policy %t", s.exists(t, store.Thing, "ns:t"), s.exists(t, store.Policy, "ns:p"))
			}
			// Nothing stands in the way of another try.
			ask(t, s, c, createThing, "", withPolicy("", everything))
			c.mustReply(t, "201")
			if told := watcher.told(t); len(told) != 1 {
				t.Errorf("events: %q", told)
			}
		})
	}
}

// A policy that somebody has changed is no longer only there for the thing.
func TestAPolicyThatWasChangedMeanwhileStays(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	var changed *raw
	s.onDurable = func(changes []store.Append) {
		if changed == nil && changes[0].Key.Kind == store.Policy {
			changed = s.setPolicy(t, "ns:p", "nginx:other +rw / +rw policy:/")
		}
	}
	c := newCaller()
	ask(t, s, c, createThing, "", withPolicy("", "nginx:ditto +rw policy:/"))
	c.mustReply(t, "403 things:thing.notmodifiable")
	if p := s.record(t, store.Policy, "ns:p"); p.Revision != 2 || p.Deleted {
		t.Errorf("the policy is at revision %d, deleted %t", p.Revision, p.Deleted)
	}
}

func TestPolicyOfAnotherStays(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	c := newCaller()
	s.permit(t, "ns:p", "nginx:other +rw / +rw policy:/")
	ask(t, s, c, createThing, "", withPolicy("", everything))
	c.mustReply(t, "400 things:thing.notcreatable")
	if p := s.record(t, store.Policy, "ns:p"); p.Revision != 1 || p.Deleted {
		t.Errorf("the policy is at revision %d, deleted %t", p.Revision, p.Deleted)
	}
}

// A thing that exists is no reason to make a policy, whatever the command is.
func TestNoPolicyIsMadeForAThingThatExists(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	c := newCaller()
	ask(t, s, c, createThing, "", create)
	ask(t, s, c, createThing, "", withPolicy("", everything))
	ask(t, s, c, "ns/t/things/twin/commands/modify", "", withPolicy(`,"attributes":{}`, everything))
	ask(t, s, c, "ns/t/things/twin/commands/merge", `,"content-type":"application/merge-patch+json"`, withPolicy("", everything))
	for _, want := range []string{"201", "409 things:thing.conflict", "204", "403 things:thing.notmodifiable"} {
		c.mustReply(t, want) // by the modify the thing has lost its policy
	}
	if p := s.record(t, store.Policy, "ns:p"); p.Revision != 0 {
		t.Errorf("there is a policy at revision %d", p.Revision)
	}
}

// Of many who create one thing, with one policy or with one each, one succeeds, and no other policy is left.
func TestConcurrentCreations(t *testing.T) {
	for name, each := range map[string]bool{"the same policy": false, "a policy each": true} {
		t.Run(name, func(t *testing.T) {
			s := serveShards(t, vfs.NewMem(), "db", settings(), 4)
			const things, creators = 10, 6
			for n := range things {
				var creating sync.WaitGroup
				won := make(chan string, creators)
				for i := range creators {
					creating.Go(func() {
						c, id := newCaller(), fmt.Sprintf("ns:p%d", n)
						if each {
							id += fmt.Sprintf("-%d", i)
						}
						ask(t, s, c, fmt.Sprintf("ns/t%d/things/twin/commands/create", n), "",
							fmt.Sprintf(`"path":"/","value":{"policyId":%q,"_policy":%s}`, id, entriesOf(everything)))
						switch got := status(t, <-c.replies); got {
						case "201":
							won <- id
						case "409 things:thing.conflict", "400 things:thing.notcreatable":
						default:
							t.Errorf("replied %s", got)
						}
					})
				}
				creating.Wait()
				if len(won) != 1 {
					t.Fatalf("%d created the thing", len(won))
				}
				winner := <-won
				if doc := string(s.record(t, store.Thing, fmt.Sprintf("ns:t%d", n)).Doc); !strings.Contains(doc, `"policyId":"`+winner+`"`) {
					t.Errorf("the thing is %s, its creator's policy %s", doc, winner)
				}
				for i := range creators {
					id := fmt.Sprintf("ns:p%d-%d", n, i)
					if s.exists(t, store.Policy, id) != (id == winner) {
						t.Errorf("policy %s exists: %t; of the thing is %s", id, id != winner, winner)
					}
				}
				if !s.exists(t, store.Policy, winner) {
					t.Errorf("the policy %s does not exist", winner)
				}
			}
		})
	}
}

// Whose time is up is told so at once, and afterwards there are both or none.
func TestTimeoutOfACreationWithAnotherPolicy(t *testing.T) {
	for _, tc := range []struct {
		name string
		// stuck is the kind whose change is durable last before the disk hangs; 0: it hangs from the start.
		stuck store.Kind
		both  bool
	}{
		{"while the policy is made", 0, false},
		{"while the thing is created", store.Policy, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			disk := slowdisk.New()
			s := serve(t, disk, "db", settings())
			c, watcher := newCaller(), newCaller()
			s.hub.Subscribe(watcher, nil)
			s.permit(t, "ns:other", everything)
			var release func()
			hold := func() { release = disk.HoldSyncs() }
			if tc.stuck == 0 {
				hold()
			} else {
				held := false
				s.onDurable = func(changes []store.Append) {
					if !held && changes[0].Key.Kind == tc.stuck {
						held = true
						hold()
					}
				}
			}
			handled := make(chan struct{})
			go func() {
				defer close(handled)
				ask(t, s, c, createThing, `,"timeout":"60ms"`, withPolicy("", everything))
			}()
			c.mustReply(t, "408 command.timeout")
			if told := watcher.told(t); len(told) != 0 {
				t.Errorf("told of what is not durable: %q", told)
			}
			release()
			<-handled
			if thing, policy := s.exists(t, store.Thing, "ns:t"), s.exists(t, store.Policy, "ns:p"); thing != tc.both || policy != tc.both {
				t.Errorf("thing %t, policy %t, want %t", thing, policy, tc.both)
			}
			if len(c.replies) > 0 {
				t.Errorf("replied once more: %s", <-c.replies)
			}
		})
	}
}

// A creation that was not begun when its time was up leaves nothing behind either.
func TestTimeoutBeforeTheFirstStep(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	release := s.hold(t)
	c := newCaller()
	ask(t, s, c, createThing, `,"timeout":"40ms"`, withPolicy("", everything))
	c.mustReply(t, "408 command.timeout")
	release()
	ask(t, s, c, "ns/t/things/twin/commands/retrieve", "", `"path":"/"`)
	c.mustReply(t, "404 things:thing.notfound")
	if p := s.record(t, store.Policy, "ns:p"); p.Revision != 0 {
		t.Errorf("the policy is at revision %d", p.Revision)
	}
}

// What cannot be read is neither allowed nor absent.
func TestDamagedPolicy(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	c, watcher := newCaller(), newCaller()
	s.hub.Subscribe(watcher, nil)
	s.permit(t, "ns:p", everything)
	ask(t, s, c, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	ask(t, s, c, "ns/u/things/twin/commands/create", "", create)
	c.mustReply(t, "201")
	c.mustReply(t, "201")
	watcher.told(t)
	if err := <-s.submit(t, &raw{key: store.Key{Kind: store.Policy, ID: "ns:p"}, write: true, doc: `{"policyId":5}`}).done; err != nil {
		t.Fatal(err)
	}
	const unavailable = "503 things:thing.unavailable"
	for _, command := range []string{`retrieve "path":"/"`, `modify "path":"/attributes","value":{}`, `delete "path":"/"`} {
		action, rest, _ := strings.Cut(command, " ")
		ask(t, s, c, "ns/t/things/twin/commands/"+action, "", rest)
		c.mustReply(t, unavailable)
	}
	ask(t, s, c, "_/_/things/twin/commands/retrieve", "", `"path":"/","value":{"thingIds":["ns:u","ns:t"]}`)
	c.mustReply(t, unavailable)
	ask(t, s, c, "ns/v/things/twin/commands/create", "", `"path":"/","value":{"policyId":"ns:p"}`)
	c.mustReply(t, unavailable)
	ask(t, s, c, "ns/v/things/twin/commands/create", "", `"path":"/","value":{"policyId":"ns:q","_copyPolicyFrom":"ns:p"}`)
	c.mustReply(t, unavailable)
	if s.exists(t, store.Thing, "ns:v") || s.exists(t, store.Policy, "ns:q") || len(watcher.told(t)) > 0 {
		t.Error("something happened")
	}
}

// An event whose policy cannot be read when it is published reaches nobody, and that is counted.
func TestPolicyThatIsDamagedBeforeAnEvent(t *testing.T) {
	s := serve(t, vfs.NewMem(), "db", settings())
	c, watcher := newCaller(), newCaller()
	s.hub.Subscribe(watcher, nil)
	s.permit(t, "ns:p", everything)
	ask(t, s, c, createThing, "", `"path":"/","value":{"policyId":"ns:p"}`)
	c.mustReply(t, "201")
	watcher.told(t)

	release := s.hold(t) // both are decided, and durable, together
	ask(t, s, c, "ns/t/things/twin/commands/modify", "", `"path":"/attributes","value":{}`)
	damage := s.submit(t, &raw{key: store.Key{Kind: store.Policy, ID: "ns:p"}, write: true, doc: `{"policyId":5}`})
	release()
	c.mustReply(t, "201")
	if err := <-damage.done; err != nil {
		t.Fatal(err)
	}
	if told := watcher.told(t); len(told) > 0 {
		t.Errorf("somebody was told %q", told)
	}
	families, err := s.metrics.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "twinway_policy_unreadable_total" {
			if got := family.GetMetric()[0].GetCounter().GetValue(); got != 1 {
				t.Errorf("counted %v times, want once", got)
			}
			return
		}
	}
	t.Error("it is not counted at all")
}
