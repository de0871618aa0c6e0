package enforcer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
)

// sized returns a policy with n resources in entries of ten, some of which are for the subject "s".
func sized(n int) []Entry {
	var entries []Entry
	for i := 0; i < n; i += 10 {
		e := entry(fmt.Sprintf("issuer:subject-%d", i), "thing:/ +RW", "policy:/ +R", "message:/ +RW")
		e.Subjects = append(e.Subjects, fmt.Sprintf("issuer:other-%d", i))
		if i%30 == 0 {
			e.Subjects = append(e.Subjects, "s")
		}
		for j := 3; j < 10; j++ {
			e.Resources = append(e.Resources, Resource{
				Key: fmt.Sprintf("thing:/features/f%d/properties/p%d", i+j, j), Grant: Read, Revoke: Write,
			})
		}
		entries = append(entries, e)
	}
	return entries
}

var sizes = []int{10, 100, 1000}

func BenchmarkCheck(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			r := Compile(sized(n)).InNamespace("n", []string{"s"})
			path := document.Pointer{"features", "f4", "properties", "p4", "x"}
			b.ReportAllocs()
			for b.Loop() {
				if !r.Partial(Thing, path, Read) || r.Unrestricted(Thing, path, Write) {
					b.Fatal("wrong")
				}
			}
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			e := Compile(sized(n))
			subjects := []string{"s", "issuer:stranger", "issuer:subject-0"}
			b.ReportAllocs()
			for b.Loop() {
				if e.InNamespace("n", subjects) == nil {
					b.Fatal("wrong")
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			entries := sized(n)
			b.ReportAllocs()
			for b.Loop() {
				Compile(entries)
			}
			b.ReportMetric(float64(Compile(entries).Size()), "bytes-kept")
		})
	}
}

// BenchmarkCombine measures the first question that a caller asks a policy.
func BenchmarkCombine(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			e := Compile(sized(n))
			set := make(groupSet, len(e.groups)/8+1)
			for i := 0; i < len(e.groups); i += 3 {
				set.add(int32(i))
			}
			b.ReportAllocs()
			for b.Loop() {
				e.combine(set)
			}
		})
	}
}

// thing returns a thing of about 2 KB.
func thing() []byte {
	var b strings.Builder
	b.WriteString(`{"thingId":"org.example:lamp","policyId":"org.example:lamp","attributes":{"secret":{"a":1,"b":"x"}`)
	for i := range 20 {
		fmt.Fprintf(&b, `,"attribute-%d":"value of %d"`, i, i)
	}
	b.WriteString(`},"features":{"f":{"properties":{"on":true}}`)
	for i := range 10 {
		fmt.Fprintf(&b, `,"f%d":{"definition":["n:d:1"],"properties":{"status":{"temperature":%d.5,"unit":"C"},"config":{"x":[1,2,3]}}}`, i, i)
	}
	b.WriteString(`}}`)
	return []byte(b.String())
}

func BenchmarkView(b *testing.B) {
	doc := thing()
	for name, resources := range map[string][]string{
		"full":      {"thing:/ +R"},
		"not there": {"thing:/ +R", "thing:/attributes/other -R"},
		"revoked":   {"thing:/ +R", "thing:/attributes/secret -R"},
		"granted":   {"thing:/features/f3/properties +R"},
		"nothing":   {"policy:/ +R"},
	} {
		b.Run(name, func(b *testing.B) {
			r := Compile([]Entry{entry("s", resources...)}).Everywhere([]string{"s"})
			b.ReportAllocs()
			b.SetBytes(int64(len(doc)))
			for b.Loop() {
				r.View(Thing, nil, doc, "thingId", "_revision")
			}
		})
	}
}
