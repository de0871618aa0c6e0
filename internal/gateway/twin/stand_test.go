package twin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/store"
)

// raw is a command that puts an entity in place of what there is, or only holds up its shard.
type raw struct {
	task  engine.Task
	key   store.Key
	doc   string // "" deletes
	write bool
	// If block is set, Decide closes entered and waits for it.
	entered, block chan struct{}
	done           chan error
}

func (r *raw) Key() store.Key { return r.key }

func (r *raw) Decide(current *store.Record, _ *engine.Siblings, now time.Time) engine.Effect {
	if r.block != nil {
		close(r.entered)
		<-r.block
	}
	if !r.write {
		return engine.Effect{}
	}
	next := &store.Record{Revision: 1, Created: now, Modified: now, Deleted: r.doc == "", Doc: []byte(r.doc)}
	if current != nil {
		next.Revision = current.Revision + 1
	}
	return engine.Effect{Record: next}
}

func (r *raw) Complete(err error) { r.done <- err }

func (s *stand) submit(t testing.TB, r *raw) *raw {
	t.Helper()
	r.done = make(chan error, 1)
	r.task.Command = r
	if err := s.engine.Submit(t.Context(), &r.task); err != nil {
		t.Fatal(err)
	}
	return r
}

// hold keeps the shard from deciding until the returned function is called. What is sent meanwhile is decided together.
func (s *stand) hold(t testing.TB) (release func()) {
	entered, block := make(chan struct{}), make(chan struct{})
	s.submit(t, &raw{key: store.Key{Kind: store.Thing, ID: "ns:block"}, entered: entered, block: block})
	<-entered
	return func() { close(block) }
}

// setPolicy begins to replace a policy, or to delete it if it has no entries. An entry is a subject and what it may do:
// "nginx:a +rw / -w /attributes". Grants come with plus, revokes with minus.
func (s *stand) setPolicy(t testing.TB, id string, entries ...string) *raw {
	t.Helper()
	doc := ""
	if len(entries) > 0 {
		doc = policyOf(id, entries...)
	}
	return s.submit(t, &raw{key: store.Key{Kind: store.Policy, ID: id}, write: true, doc: doc})
}

// permit replaces a policy for good.
func (s *stand) permit(t testing.TB, id string, entries ...string) {
	t.Helper()
	if err := <-s.setPolicy(t, id, entries...).done; err != nil {
		t.Fatal(err)
	}
}

// policyOf returns a policy as it is stored.
func policyOf(id string, entries ...string) string {
	var texts []string
	for i, entry := range entries {
		words := strings.Fields(entry)
		var resources []string
		for i := 1; i+1 < len(words); i += 2 {
			key, grant, revoke := words[i+1], permissions(words[i]), ""
			if key[0] == '/' {
				key = "thing:" + key
			}
			if words[i][0] == '-' {
				grant, revoke = revoke, grant
			}
			resources = append(resources, fmt.Sprintf(`%q:{"grant":[%s],"revoke":[%s]}`, key, grant, revoke))
		}
		texts = append(texts, fmt.Sprintf(`"e%d":{"subjects":{%q:{"type":"t"}},"resources":{%s},"importable":"implicit"}`,
			i, words[0], strings.Join(resources, ",")))
	}
	return fmt.Sprintf(`{"policyId":%q,"entries":{%s}}`, id, strings.Join(texts, ","))
}

func permissions(word string) string {
	var names []string
	for _, letter := range word[1:] {
		names = append(names, map[rune]string{'r': `"READ"`, 'w': `"WRITE"`}[letter])
	}
	return strings.Join(names, ",")
}

// everything is an entry of a policy for nginx:ditto.
const everything = "nginx:ditto +rw / +rw policy:/"

// entriesOf returns the entries of a policy as a client writes them.
func entriesOf(entries ...string) string {
	_, rest, _ := strings.Cut(policyOf("x", entries...), ",")
	return "{" + rest
}

// record returns an entity, the zero record if it never existed.
func (s *stand) record(t testing.TB, kind store.Kind, id string) store.Record {
	t.Helper()
	record, err := s.store.Load(store.Key{Kind: kind, ID: id})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return record
}

// exists reports whether there is an entity.
func (s *stand) exists(t testing.TB, kind store.Kind, id string) bool {
	t.Helper()
	r := s.record(t, kind, id)
	return r.Revision > 0 && !r.Deleted
}

// mustReply checks status and code of the next reply.
func (c *caller) mustReply(t testing.TB, want string) (reply string) {
	t.Helper()
	reply = <-c.replies
	if got := status(t, reply); got != want {
		t.Errorf("replied %s, want %s: %s", got, want, reply)
	}
	return reply
}

// told returns what of events somebody was told since it was asked last, as "action path value".
func (c *caller) told(t testing.TB) []string {
	t.Helper()
	var all []string
	for len(c.events) > 0 {
		all = append(all, outline(t, <-c.events))
	}
	return all
}
