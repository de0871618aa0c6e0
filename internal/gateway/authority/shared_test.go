package authority

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/store"
)

// crowded is a limit with room for some dozens of the enforcers that write makes.
const crowded = 2 * 240 << 10

// writeHeavy stores a policy that takes more than an eighth of the half of crowded that is for enforcers, and less than half of that half.
func (l *library) writeHeavy(t testing.TB, id, subject string) {
	t.Helper()
	p := model.Policy{ID: id, Entries: []model.Entry{{
		Label: "e", Subjects: []model.Subject{{ID: subject, Type: "t"}},
		Resources: []model.Resource{{Key: "thing:" + strings.Repeat("/a", 600), Grant: []string{"READ"}}},
	}}}
	l.shelf.put(t, store.Policy, id, string(p.Append(nil)))
}

// writeMany stores policies that differ and returns their ids.
func (l *library) writeMany(t testing.TB, prefix string, n int) []string {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("ns:%s%03d", prefix, i)
		l.write(t, ids[i], fmt.Sprintf("s:%s%03d", prefix, i))
	}
	return ids
}

func (l *library) keptOf(ids []string) (n int) {
	for _, id := range ids {
		if l.Policies.kept.get(id) != nil {
			n++
		}
	}
	return n
}

// However large a policy is, others stay, and so does it.
func TestHeavyPoliciesPushNobodyOut(t *testing.T) {
	l := newLibrary(t, crowded)
	light, heavy := l.writeMany(t, "p", 20), []string{"ns:h1", "ns:h2"}
	for i, id := range heavy {
		l.writeHeavy(t, id, fmt.Sprintf("s:%d", i))
	}
	for range 10 {
		for _, id := range append(heavy, light...) {
			l.compiled(t, id)
		}
	}
	for _, id := range append(heavy, light...) {
		if n := l.shelf.count(id); n != 1 {
			t.Errorf("%s was loaded %d times", id, n)
		}
	}
	if n := len(l.Policies.shared.heavy.all); n != 2 {
		t.Errorf("%d are heavy", n)
	}
	l.checkAccounts(t)
}

// Of the heavy ones, what was not used makes room.
func TestTwoHeavyPoliciesAreKept(t *testing.T) {
	l := newLibrary(t, crowded)
	for i := range 5 {
		l.writeHeavy(t, fmt.Sprintf("ns:h%d", i), fmt.Sprintf("s:%d", i))
	}
	hot := l.compiled(t, "ns:h0")
	var before *Compiled
	for i := 1; i < 5; i++ {
		l.compiled(t, "ns:h0")
		c := l.compiled(t, fmt.Sprintf("ns:h%d", i))
		if kept := l.checkAccounts(t); len(kept) != 2 || kept["ns:h0"] != hot || kept[c.id] != c {
			t.Errorf("after the use of %s are kept: %v", c.id, kept)
		}
		if before != nil && !before.Stale() {
			t.Errorf("%s had to go and is not stale", before.id)
		}
		before = c
	}
	l.compiled(t, "ns:h1")
	l.compiled(t, "ns:h2")
	if !hot.Stale() {
		t.Error("what is not used any more has not made room")
	}
}

// A newcomer costs as many others their place as it takes, wherever they are.
func TestNoMoreRoomIsMadeThanIsNeeded(t *testing.T) {
	l := newLibrary(t, crowded)
	former, newcomers := l.writeMany(t, "p", 100), l.writeMany(t, "q", 20)
	for _, id := range former {
		l.compiled(t, id)
	}
	kept := len(l.checkAccounts(t))
	if kept < 20 || kept >= len(former) {
		t.Fatalf("%d policies are kept of %d", kept, len(former))
	}
	var fresh []*Compiled
	for _, id := range newcomers {
		fresh = append(fresh, l.compiled(t, id))
		if n := len(l.checkAccounts(t)); n != kept {
			t.Errorf("after the use of %s %d policies are kept, %d before", id, n, kept)
		}
	}
	for _, c := range fresh {
		if c.Stale() {
			t.Errorf("%s had to go before others that are not used", c.id)
		}
	}
}

// Those who share an enforcer that is in use need not make room for other enforcers. When it is not in use, they go together.
func TestThoseWhoShareStayOrGoTogether(t *testing.T) {
	for _, used := range []bool{true, false} {
		t.Run(fmt.Sprintf("used %t", used), func(t *testing.T) {
			l := newLibrary(t, crowded)
			sharing := make([]string, 200)
			for i := range sharing {
				sharing[i] = fmt.Sprintf("ns:s%03d", i)
				l.write(t, sharing[i], "s:a")
				l.compiled(t, sharing[i])
			}
			one, want := l.compiled(t, sharing[0]), 0
			for _, id := range l.writeMany(t, "p", 100) {
				l.compiled(t, id)
				if used {
					l.compiled(t, sharing[7])
					want = len(sharing)
				}
			}
			if n := l.keptOf(sharing); n != want || one.Stale() == used {
				t.Errorf("%d are kept that share an enforcer, want %d; one of them is stale %t", n, want, one.Stale())
			}
			l.checkAccounts(t)
		})
	}
}

// What had to make room before it was kept is not kept: it would take room that nobody counts.
func TestWhatMakesRoomWhileItIsCompiledIsNotKept(t *testing.T) {
	l := newLibrary(t, crowded)
	l.write(t, "ns:a", "s:a")
	record, err := l.Policies.record("ns:a")
	if err != nil {
		t.Fatal(err)
	}
	slow, err := l.Policies.compile("ns:a", record)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range l.writeMany(t, "p", 100) {
		l.compiled(t, id)
	}
	l.Policies.keep(slow, l.Policies.epoch.Load())
	if !slow.Stale() || readers(slow) != "a" || l.keptOf([]string{"ns:a"}) != 0 {
		t.Errorf("stale %t, read by %s", slow.Stale(), readers(slow))
	}
	l.checkAccounts(t)
	if again := l.compiled(t, "ns:a"); again.Enforcer == slow.Enforcer || again.Stale() {
		t.Error("it was found again")
	}
	l.checkAccounts(t)
}

// A state that is not stored need not be compiled if a kept policy says the same.
func TestStatesShareEnforcers(t *testing.T) {
	l := newLibrary(t, crowded)
	l.write(t, "ns:a", "s:a")
	c := l.compiled(t, "ns:a")
	for subject, shared := range map[string]bool{"s:a": true, "s:b": false} {
		e, err := l.Policies.compileState("ns:new", []byte(policyText("ns:new", subject)))
		if err != nil || (e == c.Enforcer) != shared {
			t.Errorf("for %s shared %t, want %t; %v", subject, e == c.Enforcer, shared, err)
		}
	}
	l.checkAccounts(t)
}

// What is known of imports takes room, too.
func TestUsesTakeRoom(t *testing.T) {
	const limit = stripeCount * 64 << 10
	c := newCache(limit)
	uses := make([]string, 100)
	for i := range 200 {
		c.put(&Compiled{id: fmt.Sprintf("ns:p%d", i), uses: uses}, func() bool { return true })
	}
	kept := 0
	for i := range c.stripes {
		kept += len(c.stripes[i].byID)
	}
	if bytes := kept * len(uses) * useOverhead; kept < stripeCount || bytes > limit {
		t.Errorf("%d policies are kept, whose uses take %d bytes of %d", kept, bytes, limit)
	}
}

// Two may have compiled the same policy, and one of them has to go.
func TestOnlyWhatIsMeantIsDropped(t *testing.T) {
	c := newCache(crowded)
	kept, other := &Compiled{id: "ns:p"}, &Compiled{id: "ns:p"}
	c.put(kept, func() bool { return true })
	if c.dropThis(other); kept.Stale() || c.stripe("ns:p").byID["ns:p"] != kept {
		t.Error("the other was dropped")
	}
	if c.dropThis(kept); !kept.Stale() || c.drop("ns:p") != nil {
		t.Error("it is still there")
	}
}

// Items make room in the order in which they came, but for those that are used.
func TestClock(t *testing.T) {
	var c clock[*Compiled]
	var order []string
	replace := func(id string) {
		old := c.next()
		c.remove(old)
		order = append(order, old.id)
		c.add(&Compiled{id: id})
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		c.add(&Compiled{id: id})
	}
	hot := c.all[1]
	for i := range 8 {
		hot.turn.mark()
		replace(fmt.Sprint(i))
	}
	if got, want := strings.Join(order, " "), "a c d 0 1 2 3 4"; got != want {
		t.Errorf("they went in the order %s, want %s", got, want)
	}
	if want := 4 * hot.cost(); c.bytes != want || len(c.all) != 4 {
		t.Errorf("%d items take %d bytes, want %d", len(c.all), c.bytes, want)
	}
}
