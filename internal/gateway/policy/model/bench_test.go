package model

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// stored is a source of policies that are loaded each time, as a store's are.
type stored map[string][]byte

func (s stored) Policy(id string) (*Policy, bool) {
	doc, ok := s[id]
	if !ok {
		return nil, false
	}
	p, err := Load(doc)
	return p, err == nil
}

func (s stored) add(p *Policy) *Policy {
	s[p.ID] = p.Append(nil)
	loaded, _ := s.Policy(p.ID)
	return loaded
}

// benchmarkSize is how long the policies of benchmarks are: the usual limit.
const benchmarkSize = 100 << 10

// fill adds entries to a policy until it is as long as it may be.
func fill(p *Policy, entry func(i int) Entry) *Policy {
	size := len(p.Append(nil))
	for i := 0; ; i++ {
		e := entry(i)
		if size += len(AppendEntry(nil, e)) + len(e.Label) + len(`"":,`); size > benchmarkSize {
			return p
		}
		p.Entries = append(p.Entries, e)
	}
}

func plainEntry(i int) Entry {
	return Entry{
		Label: fmt.Sprintf("e%d", i), Subjects: []Subject{{ID: fmt.Sprintf("s:%d", i), Type: "t"}},
		Resources: []Resource{{Key: fmt.Sprintf("thing:/a/%d", i), Grant: []string{"READ"}, Revoke: []string{}}},
	}
}

func emptyEntry(i int) Entry { return Entry{Label: fmt.Sprintf("e%d", i)} }

// deepKeys returns an entry with resources whose keys have as many segments as they can.
func deepKeys(label string, n int) Entry {
	e := Entry{Label: label, Subjects: []Subject{{ID: "s:s", Type: "t"}}}
	for i := range n {
		e.Resources = append(e.Resources, Resource{Key: fmt.Sprintf("thing:%s/%d", strings.Repeat("/a", 99), i), Grant: []string{"READ"}})
	}
	return e
}

// nested adds a policy that imports ten, each of which imports ten more. All are full of what entry returns.
func nested(src stored, entry func(i int) Entry) *Policy {
	top := &Policy{ID: "ns:p"}
	for i := range 10 {
		middle := &Policy{ID: fmt.Sprintf("ns:m%d", i)}
		by := Import{ID: middle.ID}
		for j := range 10 {
			leaf := src.add(fill(&Policy{ID: fmt.Sprintf("ns:l%d.%d", i, j)}, entry))
			middle.Imports = append(middle.Imports, Import{ID: leaf.ID})
			by.TransitiveImports = append(by.TransitiveImports, leaf.ID)
		}
		src.add(fill(middle, entry))
		top.Imports = append(top.Imports, by)
	}
	return src.add(top)
}

// referred adds a policy with an entry to which as many others refer as there is room for.
func referred(src stored, target Entry) *Policy {
	p := &Policy{ID: "ns:p", Entries: []Entry{target}}
	return src.add(fill(p, func(i int) Entry {
		return Entry{Label: fmt.Sprintf("e%d", i), Subjects: []Subject{{ID: "s:s", Type: "t"}}, References: []Reference{{Entry: target.Label}}}
	}))
}

// BenchmarkResolve resolves and compiles policies whose owners mean harm.
func BenchmarkResolve(b *testing.B) {
	for _, c := range []struct {
		name   string
		policy func(stored) *Policy
	}{
		{"nested imports", func(src stored) *Policy { return nested(src, plainEntry) }},
		{"nested imports of empty entries", func(src stored) *Policy { return nested(src, emptyEntry) }},
		{"nested imports of deep keys", func(src stored) *Policy {
			return nested(src, func(i int) Entry { return deepKeys(fmt.Sprintf("e%d", i), 40) })
		}},
		{"references to deep keys", func(src stored) *Policy { return referred(src, deepKeys("target", 100)) }},
		{"references to many grants", func(src stored) *Policy {
			e := deepKeys("target", 1)
			for i := range 5000 {
				e.Resources[0].Grant = append(e.Resources[0].Grant, fmt.Sprintf("G%d", i))
			}
			return referred(src, e)
		}},
		{"many references", func(src stored) *Policy {
			p := &Policy{ID: "ns:p"}
			var all []Reference
			for i := range 800 {
				p.Entries = append(p.Entries, emptyEntry(i))
				all = append(all, Reference{Entry: fmt.Sprintf("e%d", i)})
			}
			return src.add(fill(p, func(i int) Entry { return Entry{Label: fmt.Sprintf("r%d", i), References: all} }))
		}},
		{"a chain of long ids", func(src stored) *Policy {
			var all []string
			for i := range 11 {
				all = append(all, fmt.Sprintf("ns:%s%d", strings.Repeat("x", 240), i))
			}
			for i, id := range all {
				p := &Policy{ID: id}
				if i+1 < len(all) {
					p.Imports = []Import{{ID: all[i+1], TransitiveImports: all[min(i+2, len(all)):]}}
				}
				src.add(fill(p, emptyEntry))
			}
			p, _ := src.Policy(all[0])
			return p
		}},
		{"an import that names many entries", func(src stored) *Policy {
			p := &Policy{ID: "ns:p"}
			for i := range 10 {
				imported := fill(&Policy{ID: fmt.Sprintf("ns:b%d", i)}, func(i int) Entry {
					return Entry{Label: fmt.Sprintf("e%04d", i), Importable: Explicit}
				})
				src.add(imported)
				by := Import{ID: imported.ID}
				for j := range 1000 {
					by.Entries = append(by.Entries, fmt.Sprintf("x%04d", j))
				}
				p.Imports = append(p.Imports, by)
			}
			return src.add(p)
		}},
	} {
		src := stored{}
		p := c.policy(src)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				enforcer.Compile(Resolve(p, src, nil, "ns").Enforceable())
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	doc := fill(&Policy{ID: "ns:p"}, plainEntry).Append(nil)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := Load(doc); err != nil {
			b.Fatal(err)
		}
	}
}
