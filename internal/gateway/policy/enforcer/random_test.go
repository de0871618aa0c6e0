package enforcer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

// dice make policies, callers and documents of few words, so that they meet.
type dice struct{ *rand.Rand }

func roll[T any](d dice, sides ...T) T { return sides[d.IntN(len(sides))] }

func (d dice) path(most int) document.Pointer {
	var p document.Pointer
	for range d.IntN(most + 1) {
		p = append(p, roll(d, "a", "b", "c", "a", "b", "a/b", "", "b/", "thing:/a"))
	}
	return p
}

func (d dice) key() string {
	key := roll(d, "thing", "thing", "thing", "thing", "thing", "thing", "policy", "message") + ":" + roll(d, "/", "/", "")
	if d.IntN(20) == 0 {
		return roll(d, "thing", "", "/a", ":/a", "thing/a:", "Thing:/", "other:/a")
	}
	return key + strings.Join(d.path(roll(d, 1, 2, 3)), "/")
}

func (d dice) permissions() Permissions {
	return roll(d, 0, 0, 0, Read, Read, Read, Read, Write, Execute, Read|Write, Permissions(d.IntN(8)))
}

func (d dice) subjects(most int) []string {
	var subjects []string
	for range d.IntN(most + 1) {
		subjects = append(subjects, roll(d, "s:a", "s:b", "s:c"))
	}
	return subjects
}

func (d dice) policy() []Entry {
	entries := make([]Entry, 1+d.IntN(4))
	for i := range entries {
		e := &entries[i]
		e.Subjects = d.subjects(4)
		for range roll(d, 0, 0, 0, 1, 2) {
			e.Namespaces = append(e.Namespaces, roll(d, "n", "n.*", "m", "n.o", "n.o.*", "x.*", "*", ".*"))
		}
		for range d.IntN(9) {
			e.Resources = append(e.Resources, Resource{d.key(), d.permissions() | Read&Permissions(d.IntN(2)), d.permissions() & Permissions(d.IntN(8))})
		}
	}
	return entries
}

func (d dice) tree(depth int) any {
	switch d.IntN(6) {
	case 0, 1, 2:
		if depth == 0 {
			break
		}
		o := object{}
		for _, name := range roll(d, nil, []string{"a"}, []string{"b", "a"}, []string{"a", "b", "c"}, []string{"id", "a/b", "", "a"}) {
			o = append(o, member{name, d.tree(depth - 1)})
		}
		return o
	case 3:
		if depth == 0 {
			break
		}
		a := array{}
		for range d.IntN(4) {
			a = append(a, d.tree(depth-1))
		}
		return a
	}
	return roll(d, "1", "null", `"x"`, "{}", "[]", "true")
}

// TestRightsAreAsTheRulesSay compares all answers about random policies with those of the oracle.
func TestRightsAreAsTheRulesSay(t *testing.T) {
	const policies, callers, most, enough = 2000, 4, 20, 100_000
	questions := 0
	outcomes := map[string]int{}
	for seed := range uint64(policies) {
		d := dice{rand.New(rand.NewPCG(seed, 0))}
		entries := d.policy()
		e := Compile(entries)
		for range callers {
			namespace, subjects := roll(d, "", "n", "n.o", "n.o.p", "m", "nn", "x"), append(d.subjects(2), "s:a")
			r := e.Everywhere(subjects)
			if namespace != "" {
				r = e.InNamespace(namespace, subjects)
			}
			n := newNaive(entries, namespace, subjects)
			for range most {
				if r == nil && d.IntN(8) > 0 {
					continue // one like the other
				}
				questions++
				if diff := d.ask(r, n, outcomes); diff != "" {
					t.Fatalf("seed %d, policy %+v, namespace %q, subjects %q: %s", seed, entries, namespace, subjects, diff)
				}
			}
		}
	}
	if questions < enough {
		t.Errorf("%d questions", questions)
	}
	for _, outcome := range []string{"reduced", "visible true", "visible false"} {
		if outcomes[outcome] < enough/20 {
			t.Errorf("views that are %s: %d of %v", outcome, outcomes[outcome], outcomes)
		}
	}
}

// ask asks both the same random questions and says where they differ. It counts what came of views.
func (d dice) ask(r *Rights, n naive, outcomes map[string]int) string {
	typ, pointer, ps, tree := roll(d, Thing, Thing, Thing, Thing, Thing, Policy, Message), d.path(roll(d, 0, 1, 2, 3)), Permissions(d.IntN(8)), d.tree(4)
	path := naivePath(pointer)
	about := fmt.Sprintf("type %d, path %q, permissions %03b, document %s: ", typ, pointer, ps, text(tree))
	for _, check := range []struct {
		name      string
		got, want bool
	}{
		{"unrestricted", r.Unrestricted(typ, pointer, ps), n.unrestricted(typ, path, ps)},
		{"partial", r.Partial(typ, pointer, ps), n.partial(typ, path, ps)},
		{"effective", r.Effective(typ, pointer, ps), n.effective(typ, path, ps)},
	} {
		if check.got != check.want {
			return about + fmt.Sprintf("%s %t", check.name, check.got)
		}
	}
	always := roll(d, nil, []string{"id"}, []string{"id", "a"})
	want, visible := "", false
	atRoot := always
	if len(pointer) > 0 {
		atRoot = nil
	}
	if kept, ok := n.view(typ, path, tree, atRoot...); ok {
		want, visible = text(kept), true
		if want != text(tree) {
			outcomes["reduced"]++
		}
	}
	outcomes[fmt.Sprintf("visible %t", visible)]++
	if got, ok := r.View(typ, pointer, []byte(text(tree)), always...); ok != visible || string(got) != want {
		return about + fmt.Sprintf("view %t %s, want %t %s", ok, got, visible, want)
	}
	if typ != Thing {
		return ""
	}
	if got, ok := r.Event(pointer, []byte(text(tree)), always...); ok != visible || string(got) != want {
		return about + fmt.Sprintf("event %t %s, want %t %s", ok, got, visible, want)
	}
	if got, ok := r.Event(pointer, nil, always...); ok != n.eff(typ, Read, path) || got != nil {
		return about + fmt.Sprintf("event without value %t %s", ok, got)
	}
	return ""
}
