package authority

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a real store that counts who reads what.
type shelf struct {
	store.Store
	mu    sync.Mutex
	loads map[string]int
	// during is called between the read of a record and its return.
	during func(id string)
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s, err := pebble.Open(pebble.Options{Dir: "db", FS: vfs.NewMem(), CacheSize: 8 << 20, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &shelf{Store: s, loads: map[string]int{}}
}

// Load implements Reader.
func (s *shelf) Load(key store.Key) (store.Record, error) {
	record, err := s.Store.Load(key)
	s.mu.Lock()
	s.loads[key.ID]++
	during := s.during
	s.mu.Unlock()
	if during != nil {
		during(key.ID)
	}
	return record, err
}

// duringNextLoad has f called once, while the record of an entity has been read and is not used yet.
func (s *shelf) duringNextLoad(id string, f func()) {
	s.during = func(loaded string) {
		if loaded == id {
			s.during = nil
			f()
		}
	}
}

func (s *shelf) count(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loads[id]
}

// put stores an entity durably; an empty document deletes it.
func (s *shelf) put(t testing.TB, kind store.Kind, id, doc string) {
	t.Helper()
	key := store.Key{Kind: kind, ID: id}
	before, err := s.Store.Load(key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	next := before.Revision + 1
	record := store.Record{Revision: next, Deleted: doc == "", Doc: []byte(doc)}
	commit, err := s.Apply([]store.Append{{Key: key, Expected: before.Revision, Record: record, Event: store.Event{Revision: next}}})
	if err == nil {
		err = commit.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// library is an authority over a shelf.
type library struct {
	*Authority
	shelf *shelf
}

const plenty = 16 << 20

func newLibrary(t testing.TB, maxBytes int64) *library {
	shelf := newShelf(t)
	return &library{NewAuthority(shelf, maxBytes, Settings{Creation: AnyoneCreates(), Policies: policy.Settings{MaxSize: 1 << 20}}), shelf}
}

// write stores a policy that lets the subject read things. It takes over those of others: "ns:b", or "ns:b via ns:c" for what
// ns:b takes over of ns:c. No subject deletes the policy.
func (l *library) write(t testing.TB, id, subject string, imports ...string) {
	t.Helper()
	doc := ""
	if subject != "" {
		doc = policyText(id, subject, imports...)
	}
	l.shelf.put(t, store.Policy, id, doc)
}

// change writes a policy and tells that it is durable.
func (l *library) change(t testing.TB, id, subject string, imports ...string) {
	t.Helper()
	l.write(t, id, subject, imports...)
	l.Policies.Changed(id)
}

func policyText(id, subject string, imports ...string) string {
	p := model.Policy{ID: id, Entries: []model.Entry{{
		Label: "e", Subjects: []model.Subject{{ID: subject, Type: "t"}},
		Resources: []model.Resource{{Key: "thing:/", Grant: []string{"READ"}}, {Key: "policy:/", Grant: []string{"READ"}}},
	}}}
	for _, text := range imports {
		id, via, ok := strings.Cut(text, " via ")
		i := model.Import{ID: id}
		if ok {
			i.TransitiveImports = []string{via}
		}
		p.Imports = append(p.Imports, i)
	}
	return string(p.Append(nil))
}

// compiled returns a policy that must exist.
func (l *library) compiled(t testing.TB, id string) *Compiled {
	t.Helper()
	c, err := l.Policies.Compiled(id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// readers returns which of the subjects s:a to s:e may read things under a policy.
func readers(c *Compiled) string {
	var found []string
	for _, s := range []string{"s:a", "s:b", "s:c", "s:d", "s:e"} {
		if mayRead(c, s) {
			found = append(found, s[2:])
		}
	}
	return strings.Join(found, "")
}

func mayRead(c *Compiled, subject string) bool {
	return c.InNamespace("ns", []string{subject}).Unrestricted(enforcer.Thing, nil, enforcer.Read)
}

func TestPoliciesAreCompiledOncePerRevision(t *testing.T) {
	l := newLibrary(t, plenty)
	l.write(t, "ns:p", "s:a")
	first := l.compiled(t, "ns:p")
	for range 3 {
		if l.compiled(t, "ns:p") != first || l.shelf.count("ns:p") != 1 {
			t.Fatalf("loaded %d times", l.shelf.count("ns:p"))
		}
	}
	if first.Stale() || readers(first) != "a" {
		t.Errorf("stale %t, read by %s", first.Stale(), readers(first))
	}
	l.change(t, "ns:p", "s:b")
	second := l.compiled(t, "ns:p")
	if !first.Stale() || second.Stale() || readers(second) != "b" || l.shelf.count("ns:p") != 2 {
		t.Errorf("after the change: old stale %t, new stale %t, read by %s, loaded %d times", first.Stale(), second.Stale(), readers(second),
			l.shelf.count("ns:p"))
	}
	if readers(first) != "a" {
		t.Error("what was compiled has changed")
	}
}

// TestChanges checks what has to be compiled again after a change of which policy. ns:a takes over ns:b, and by it ns:c, and
// ns:missing, which does not exist.
func TestChanges(t *testing.T) {
	for _, tc := range []struct {
		name, changed, subject string
		imports                []string
		want                   string // who may read under ns:a afterwards
		kept                   bool
	}{
		{"itself", "ns:a", "s:d", nil, "d", false},
		{"an import", "ns:b", "s:d", []string{"ns:c"}, "acd", false},
		{"an import that imports no more", "ns:b", "s:b", nil, "ab", false},
		{"an import of an import", "ns:c", "s:d", nil, "abd", false},
		{"an import that was deleted", "ns:b", "", nil, "a", false},
		{"a missing import that appears", "ns:missing", "s:d", nil, "abcd", false},
		{"the policy of the namespace", "ns:root", "s:e", nil, "abce", false},
		{"something that imports it", "ns:z", "s:d", []string{"ns:a"}, "abc", true},
		{"something else", "ns:other", "s:d", nil, "abc", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLibrary(t, plenty)
			l.Configure(Settings{Policies: policy.Settings{Roots: model.RootPolicies{"ns": {"ns:root"}}}})
			l.write(t, "ns:a", "s:a", "ns:b via ns:c", "ns:missing")
			l.write(t, "ns:b", "s:b", "ns:c")
			l.write(t, "ns:c", "s:c")
			l.write(t, "ns:z", "s:e", "ns:a")
			before := l.compiled(t, "ns:a")
			if got := readers(before); got != "abc" {
				t.Fatalf("read by %s before", got)
			}
			l.compiled(t, "ns:z")
			l.change(t, tc.changed, tc.subject, tc.imports...)
			after := l.compiled(t, "ns:a")
			if got := readers(after); got != tc.want {
				t.Errorf("read by %s, want %s", got, tc.want)
			}
			if before.Stale() == tc.kept || (after == before) != tc.kept {
				t.Errorf("stale %t, still there %t", before.Stale(), after == before)
			}
		})
	}
}

func TestRootsThatAreConfigured(t *testing.T) {
	l := newLibrary(t, plenty)
	l.write(t, "ns:p", "s:a")
	l.write(t, "ns:root", "s:b")
	for i, step := range []struct {
		roots model.RootPolicies
		want  string
	}{
		{model.RootPolicies{"ns": {"ns:root"}}, "ab"},
		{model.RootPolicies{"other": {"ns:root"}}, "a"},
		{model.RootPolicies{"*": {"ns:root", "ns:none"}}, "ab"},
		{nil, "a"},
	} {
		before := l.compiled(t, "ns:p")
		l.Configure(Settings{Policies: policy.Settings{Roots: step.roots}})
		if got := readers(l.compiled(t, "ns:p")); got != step.want || !before.Stale() {
			t.Errorf("step %d: read by %s, want %s; what was before is stale: %t", i, got, step.want, before.Stale())
		}
	}
	l.checkAccounts(t)
}

// Settings that are applied again, or change something else, cost nobody a policy.
func TestRootsThatStayTheSame(t *testing.T) {
	l := newLibrary(t, plenty)
	l.write(t, "ns:p", "s:a")
	configure := func(maxSize int) {
		roots := model.RootPolicies{"ns": {"ns:root"}}
		l.Configure(Settings{Policies: policy.Settings{MaxSize: maxSize, Roots: roots}})
	}
	configure(1)
	before := l.compiled(t, "ns:p")
	configure(2)
	if after := l.compiled(t, "ns:p"); after != before || before.Stale() {
		t.Errorf("what was compiled is still there: %t; it is stale: %t", after == before, before.Stale())
	}
}

// An absence is not kept: a policy may be made at any time.
func TestAbsentPolicies(t *testing.T) {
	l := newLibrary(t, plenty)
	for range 2 {
		if _, err := l.Policies.Compiled("ns:p"); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("one that never was: %v", err)
		}
	}
	l.write(t, "ns:p", "s:a")
	if got := readers(l.compiled(t, "ns:p")); got != "a" {
		t.Fatalf("one that was made is read by %s", got)
	}
	l.change(t, "ns:p", "")
	if _, err := l.Policies.Compiled("ns:p"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("one that was deleted: %v", err)
	}
	if _, err := l.Policies.Policy("ns:p"); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("one that was deleted, as it was written: %v", err)
	}
	l.change(t, "ns:p", "s:b")
	if got := readers(l.compiled(t, "ns:p")); got != "b" {
		t.Fatalf("one that was made again is read by %s", got)
	}
}

// A policy that cannot be read is not one that does not exist, whoever needs it.
func TestDamagedPolicies(t *testing.T) {
	l := newLibrary(t, plenty)
	l.shelf.put(t, store.Policy, "ns:damaged", `{"policyId":`)
	l.write(t, "ns:importing", "s:a", "ns:damaged")
	for _, id := range []string{"ns:damaged", "ns:importing"} {
		if _, err := l.Policies.Compiled(id); !errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", id, err)
		}
	}
	l.change(t, "ns:damaged", "s:b")
	if got := readers(l.compiled(t, "ns:importing")); got != "ab" {
		t.Errorf("after the repair read by %s", got)
	}
}

// What was read while something changed is given to who asked, and to nobody afterwards.
func TestWhatOverlapsAChangeIsNotKept(t *testing.T) {
	for _, tc := range []struct {
		name, loaded string
		change       func(*testing.T, *library)
		want         string
	}{
		{"of itself", "ns:a", func(t *testing.T, l *library) { l.change(t, "ns:a", "s:d", "ns:b") }, "bd"},
		{"of an import that was read", "ns:b", func(t *testing.T, l *library) { l.change(t, "ns:b", "s:d") }, "ad"},
		{"of an import that is read later", "ns:a", func(t *testing.T, l *library) { l.change(t, "ns:b", "s:d") }, "ad"},
		{"of itself, while an import is read", "ns:b", func(t *testing.T, l *library) { l.change(t, "ns:a", "s:d", "ns:b") }, "bd"},
		{"of the settings", "ns:a", func(_ *testing.T, l *library) {
			l.Configure(Settings{Policies: policy.Settings{Roots: model.RootPolicies{"*": {"ns:root"}}}})
		}, "abc"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLibrary(t, plenty)
			l.write(t, "ns:a", "s:a", "ns:b")
			l.write(t, "ns:b", "s:b")
			l.write(t, "ns:root", "s:c")
			l.shelf.duringNextLoad(tc.loaded, func() { tc.change(t, l) })
			overlapping := l.compiled(t, "ns:a")
			if !overlapping.Stale() {
				t.Errorf("what was read meanwhile, by %s, is not stale", readers(overlapping))
			}
			if got := readers(l.compiled(t, "ns:a")); got != tc.want {
				t.Errorf("read by %s afterwards, want %s", got, tc.want)
			}
			l.checkAccounts(t)
		})
	}
}

// Two who ask at the same time compile twice. When one of the two goes, the other is still told of changes.
func TestCompiledTwice(t *testing.T) {
	l := newLibrary(t, plenty)
	l.write(t, "ns:a", "s:a", "ns:b")
	l.write(t, "ns:b", "s:b")
	var inner *Compiled
	l.shelf.duringNextLoad("ns:a", func() { inner = l.compiled(t, "ns:a") })
	outer := l.compiled(t, "ns:a")
	if inner == outer || !inner.Stale() || outer.Stale() || l.compiled(t, "ns:a") != outer {
		t.Errorf("the first is stale %t, the second %t", inner.Stale(), outer.Stale())
	}
	l.checkAccounts(t)
	l.change(t, "ns:b", "s:c")
	if got := readers(l.compiled(t, "ns:a")); got != "ac" || !outer.Stale() {
		t.Errorf("read by %s, stale %t", got, outer.Stale())
	}
}

// However the two take turns.
func TestImporters(t *testing.T) {
	one, two := &Compiled{id: "ns:a", uses: []string{"ns:b", "ns:c"}}, &Compiled{id: "ns:a", uses: []string{"ns:b"}}
	var i importers
	i.add(one)
	i.add(two)
	i.remove(two)
	if got := i.of("ns:b"); !slices.Equal(got, []string{"ns:a"}) {
		t.Errorf("ns:b was used by %v", got)
	}
	i.remove(two)
	i.remove(one)
	if len(i.by) != 0 {
		t.Errorf("what is left: %v", i.by)
	}
}

func TestTheCacheIsBounded(t *testing.T) {
	const limit, policies = 2 << 20, 1000
	l := newLibrary(t, limit)
	l.write(t, "ns:base", "s:b")
	l.write(t, "ns:hot", "s:a", "ns:base")
	seen := map[string]*Compiled{}
	for i := range policies {
		id := fmt.Sprintf("ns:p%d", i)
		l.write(t, id, "s:a", "ns:base")
		seen[id] = l.compiled(t, id)
		l.compiled(t, "ns:hot")
	}
	kept := l.checkAccounts(t)
	for id := range kept {
		delete(seen, id)
	}
	if len(kept) < 50 || len(kept) >= policies {
		t.Errorf("%d policies are kept of %d", len(kept), policies)
	}
	for id, c := range seen {
		if !c.Stale() {
			t.Errorf("%s had to go and is not stale", id)
		}
	}
	if n := l.shelf.count("ns:hot"); n > policies/50 {
		t.Errorf("what is always used was loaded %d times", n)
	}
}

// Policies that share their enforcer still take room each.
func TestTheNumberOfPoliciesIsBounded(t *testing.T) {
	const limit, policies = 256 << 10, 2000
	l := newLibrary(t, limit)
	for i := range policies {
		id := fmt.Sprintf("ns:p%d", i)
		l.write(t, id, "s:a")
		l.compiled(t, id)
		l.compiled(t, "ns:p0")
	}
	if n := l.shelf.count("ns:p0"); n != 1 {
		t.Errorf("what is always used was loaded %d times", n)
	}
	if kept := len(l.checkAccounts(t)); kept < 100 || kept*keptOverhead > limit {
		t.Errorf("%d policies are kept of %d", kept, policies)
	}
	if n := len(l.Policies.shared.by); n != 1 {
		t.Errorf("there are %d enforcers for all", n)
	}
}

// checkAccounts checks what is kept against what it is said to take and to use, and returns it.
func (l *library) checkAccounts(t *testing.T) map[string]*Compiled {
	t.Helper()
	all, enforcers, imports := map[string]*Compiled{}, map[*sharedEnforcer]int{}, 0
	for i := range l.Policies.kept.stripes {
		s, cost := &l.Policies.kept.stripes[i], int64(0)
		for _, c := range s.clock.all {
			all[c.id] = c
			cost += c.cost()
			enforcers[c.shared]++
			imports += len(c.uses)
			if c.Stale() || s.byID[c.id] != c {
				t.Errorf("%s is kept, but stale %t", c.id, c.Stale())
			}
		}
		if cost != s.clock.bytes || len(s.byID) != len(s.clock.all) || s.clock.bytes > s.limit && len(s.clock.all) > 1 {
			t.Errorf("%d ids of %d policies, %d bytes of %d, counted as %d", len(s.byID), len(s.clock.all), cost, s.limit, s.clock.bytes)
		}
	}
	bytes, heavy, texts := int64(0), 0, 0
	shared := &l.Policies.shared
	for e, uses := range enforcers {
		if e.size > shared.limit/8 {
			heavy++
		} else {
			bytes += e.size
		}
		if len(e.users) != uses || e.gone.Load() {
			t.Errorf("an enforcer is used %d times, counted as %d, and gone %t", uses, len(e.users), e.gone.Load())
		}
		if e.text != "" {
			texts++
		}
	}
	if shared.light.bytes != bytes || len(shared.heavy.all) != heavy || len(shared.by) != texts || len(shared.light.all)+heavy != len(enforcers) {
		t.Errorf("%d enforcers in %d bytes, %d heavy, %d with text; counted as %d in %d, %d, %d", len(enforcers), bytes, heavy, texts,
			len(shared.light.all)+len(shared.heavy.all), shared.light.bytes, len(shared.heavy.all), len(shared.by))
	}
	if bytes > shared.limit || heavy > 2 {
		t.Errorf("%d bytes of enforcers, %d are allowed; %d heavy ones", bytes, shared.limit, heavy)
	}
	known := 0
	for _, users := range l.Policies.imports.by {
		known += len(users)
	}
	if known != imports {
		t.Errorf("%d uses of policies are known, there are %d", known, imports)
	}
	return all
}

// Policies that say the same are enforced by the same, unless others have a say.
func TestSharedEnforcers(t *testing.T) {
	for _, tc := range []struct {
		name, one, other string // the subjects
		imports          []string
		id               string
		shared           bool
	}{
		{"the same", "s:a", "s:a", nil, "ns:two", true},
		{"the same in another namespace", "s:a", "s:a", nil, "other:two", true},
		{"for somebody else", "s:a", "s:b", nil, "ns:two", false},
		{"with an import", "s:a", "s:a", []string{"ns:base"}, "ns:two", false},
		{"where another applies to the namespace", "s:a", "s:a", nil, "ruled:two", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLibrary(t, plenty)
			l.Configure(Settings{Policies: policy.Settings{Roots: model.RootPolicies{"ruled": {"ns:base"}}}})
			l.write(t, "ns:base", "s:c")
			l.write(t, "ns:one", tc.one)
			l.write(t, tc.id, tc.other, tc.imports...)
			one, two := l.compiled(t, "ns:one"), l.compiled(t, tc.id)
			if got := one.Enforcer == two.Enforcer; got != tc.shared {
				t.Errorf("shared %t, want %t", got, tc.shared)
			}
			if readers(one) != tc.one[2:] {
				t.Errorf("the first is read by %s", readers(one))
			}
			l.checkAccounts(t)
			l.change(t, tc.id, "s:d")
			if got := readers(l.compiled(t, "ns:one")); got != tc.one[2:] || one.Stale() {
				t.Errorf("after a change of the second, the first is read by %s and stale %t", got, one.Stale())
			}
			l.checkAccounts(t)
			l.change(t, tc.id, "")
			l.change(t, "ns:one", "")
			if len(l.checkAccounts(t)) != 0 || l.Policies.shared.light.bytes != 0 {
				t.Errorf("%d bytes are left", l.Policies.shared.light.bytes)
			}
		})
	}
}

// A policy that is larger than all others together are meant to be is kept alone.
func TestOnePolicyIsAlwaysKept(t *testing.T) {
	l := newLibrary(t, 0)
	l.write(t, "ns:p", "s:a")
	if c := l.compiled(t, "ns:p"); l.compiled(t, "ns:p") != c || c.Stale() {
		t.Error("was compiled again")
	}
}

// After Changed has returned nobody gets what was before, neither of the policy nor of what imports it.
func TestConcurrentChanges(t *testing.T) {
	for name, maxBytes := range map[string]int64{"all are kept": plenty, "few are kept": 1} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t, maxBytes)
			l.write(t, "ns:b", "s:0")
			importing := []string{"ns:a1", "ns:a2", "ns:a3"}
			for _, id := range importing {
				l.write(t, id, "s:a", "ns:b")
			}
			var written, told atomic.Int64
			var working sync.WaitGroup
			end := time.Now().Add(400 * time.Millisecond)
			working.Go(func() {
				for n := int64(1); time.Now().Before(end); n++ {
					written.Store(n)
					l.change(t, "ns:b", fmt.Sprintf("s:%d", n))
					told.Store(n)
				}
			})
			working.Go(func() {
				for time.Now().Before(end) {
					l.change(t, "ns:other", "s:a")
				}
			})
			for reader := range 4 {
				working.Go(func() {
					for i := reader; time.Now().Before(end); i++ {
						id := append(importing, "ns:b")[i%4]
						earliest := told.Load()
						c := l.compiled(t, id)
						latest := written.Load()
						current := false
						for n := earliest; n <= latest && !current; n++ {
							current = mayRead(c, fmt.Sprintf("s:%d", n))
						}
						if !current {
							t.Errorf("%s is older than change %d of ns:b", id, earliest)
							return
						}
					}
				})
			}
			working.Wait()
			l.checkAccounts(t)
			if told.Load() < 5 {
				t.Errorf("there were only %d changes", told.Load())
			}
		})
	}
}

func BenchmarkCompiledHit(b *testing.B) {
	l := newLibrary(b, plenty)
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("ns:p%d", i)
		l.write(b, ids[i], "s:a")
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := l.Policies.Compiled(ids[i%len(ids)]); err != nil {
				b.Error(err)
			}
		}
	})
}

// connected is a caller whose audience was made before.
type connected struct{ audience pubsub.Audience }

func (c *connected) Audience() *pubsub.Audience            { return &c.audience }
func (c *connected) MayAccess(protocol.Group, string) bool { return true }

func BenchmarkThingRights(b *testing.B) {
	l := newLibrary(b, plenty)
	l.write(b, "ns:p", "s:a")
	who := &connected{pubsub.Audience{Subjects: []string{"s:x", "s:a"}}}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if rights, ok := l.On(who, nil).ThingRights("ns:p", "ns"); !ok || rights == nil {
				b.Error("no rights")
			}
		}
	})
}
