package document

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// Protocol rule: a null member named by a regular expression deletes its siblings.
func TestMergePatchDeletesByPattern(t *testing.T) {
	for _, tt := range []struct{ name, target, patch, want string }{
		{"whole names only", `{"a":1,"ab":2,"ba":3,"b":4}`, `{"{{ ~a~ }}":null}`, `{"ab":2,"ba":3,"b":4}`},
		{"alternatives as a whole", `{"a":1,"ab":2,"b":3,"c":4}`, `{"{{ ~a|b~ }}":null}`, `{"ab":2,"c":4}`},
		{"slashes", `{"a1":1,"a2":2,"b":3}`, `{"{{ /a\\d/ }}":null}`, `{"b":3}`},
		{"any number of blanks", `{"a1":1,"a2":2,"b":3}`, `{"{{~a1~}}":null,"{{   ~a2~ }}":null}`, `{"b":3}`},
		{"named members survive", `{"a1":1,"a2":2,"a3":{"x":1}}`, `{"{{ ~a.~ }}":null,"a1":5,"a3":{"y":2},"a4":7}`, `{"a1":5,"a3":{"x":1,"y":2},"a4":7}`},
		{"named members before the pattern too", `{"a1":1,"a2":2}`, `{"a1":5,"{{ ~.*~ }}":null}`, `{"a1":5}`},
		{"named null is deleted", `{"a1":1,"b":2}`, `{"{{ ~c~ }}":null,"a1":null}`, `{"b":2}`},
		{"siblings only", `{"a":{"a":1},"b":{"a":2}}`, `{"b":{"{{ ~.*~ }}":null}}`, `{"a":{"a":1},"b":{}}`},
		{"several patterns", `{"a":1,"b":2,"c":3}`, `{"{{ ~a~ }}":null,"{{ ~c~ }}":null}`, `{"b":2}`},
		{"decoded names", `{"a\nb":1,"ä":2,"x":3}`, `{"{{ ~a\\sb~ }}":null,"{{ ~\\pL{1}~ }}":null,"x":0}`, `{"x":0}`},
		{"nothing matches", `{"a":1}`, `{"{{ ~z~ }}":null}`, `{"a":1}`},
		{"not stored in a new object", `{}`, `{"a":{"{{ ~z~ }}":null,"b":{"{{ ~z~ }}":null,"c":null}}}`, `{"a":{"b":{"c":null}}}`},
		{"not stored in place of a scalar", `1`, `{"{{ ~z~ }}":null,"a":1}`, `{"a":1}`},
		{"in an array it is data", `{}`, `{"a":[{"{{ ~z~ }}":1}]}`, `{"a":[{"{{ ~z~ }}":1}]}`},
		{"placeholders are names", `{"{{ x }}":1,"{{ ~ }}":1,"{{~a/}}":1,"{{ ~a~ }":1}`, `{"{{ x }}":2,"{{ ~ }}":null,"{{~a/}}":3,"{{ ~a~ }":{}}`,
			`{"{{ x }}":2,"{{~a/}}":3,"{{ ~a~ }":{}}`},
		{"a line break is no end", `{"a\n":1}`, `{"{{ ~a$~ }}":null}`, `{"a\n":1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			checkMerge(t, tt.target, tt.patch, tt.want)
			checkMinimal(t, []byte(tt.target), []byte(tt.patch), []byte(tt.want))
		})
	}
}

func TestMergePatchRefusesPatterns(t *testing.T) {
	many := make([]string, 31)
	for i := range many {
		many[i] = fmt.Sprintf(`"{{ ~a%02d.{20,24}~ }}":null`, i)
	}
	for _, tt := range []struct {
		name, patch string
		want        error
		member      string
	}{
		{"no regular expression", `{"{{ ~a(~ }}":null}`, ErrPattern, "{{ ~a(~ }}"},
		{"one that is none by itself", `{"{{ ~a)|(b~ }}":null}`, ErrPattern, "{{ ~a)|(b~ }}"},
		{"no RE2", `{"{{ ~(?=a)~ }}":null}`, ErrPattern, "{{ ~(?=a)~ }}"},
		{"too long", `{"{{ ~` + strings.Repeat("a", maxPatternLen+1) + `~ }}":null}`, ErrPattern, "{{ ~" + strings.Repeat("a", maxPatternLen+1) + "~ }}"},
		{"too many", `{` + strings.Join(many, ",") + `}`, ErrPatternCost, "{{ ~a30.{20,24}~ }}"},
		{"too many repetitions", `{"{{ ~a{1001}~ }}":null}`, ErrPattern, "{{ ~a{1001}~ }}"},
		{"too many instructions", `{"{{ ~a{500}b{500}~ }}":null}`, ErrPatternCost, "{{ ~a{500}b{500}~ }}"},
		{"with a value", `{"{{ ~a~ }}":1}`, ErrPatternValue, "{{ ~a~ }}"},
		{"with an empty object", `{"{{ /a/ }}":{}}`, ErrPatternValue, "{{ /a/ }}"},
		{"inside", `{"a":{"b":{"{{ ~[~ }}":null}}}`, ErrPattern, "{{ ~[~ }}"},
		{"in a new object", `{"n":{"{{ ~[~ }}":null}}`, ErrPattern, "{{ ~[~ }}"},
		{"far inside a new object", `{"n":{"m":{"o":{"{{ ~a~ }}":true}}}}`, ErrPatternValue, "{{ ~a~ }}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := MergePatch([]byte(`{"a":{"b":{}}}`), []byte(tt.patch))
			var e *PatchError
			if !errors.As(err, &e) || !errors.Is(err, tt.want) || e.Name != tt.member {
				t.Errorf("got %v, want %v for %s", err, tt.want, tt.member)
			}
		})
	}
	checkMerge(t, `{"`+strings.Repeat("a", maxPatternLen)+`":1}`, `{"{{ ~`+strings.Repeat("a", maxPatternLen)+`~ }}":null}`, `{}`)
	checkMerge(t, `{"a01 followed by 23 bytes":1}`, `{`+strings.Join(many[:20], ",")+`}`, `{}`)
}

func TestMergePatchBoundsMatching(t *testing.T) {
	var target strings.Builder
	target.WriteString(`{"a":1`)
	for i := range 1000 {
		fmt.Fprintf(&target, `,"%s%d":1`, strings.Repeat("a", 90), i)
	}
	target.WriteString(`}`)
	cheap := `{"{{ ~a*[0-9]+~ }}":null}`
	checkMerge(t, target.String(), cheap, `{"a":1}`)
	dear := `{"{{ ~(a?){200}(a{200}|b)c~ }}":null}`
	if _, err := MergePatch([]byte(target.String()), []byte(dear)); !errors.Is(err, ErrPatternCost) {
		t.Errorf("got %v, want %v", err, ErrPatternCost)
	}
}

// BenchmarkWorstPattern shows what the most expensive patches cost that are not refused, and those that are refused late.
func BenchmarkWorstPattern(b *testing.B) {
	var target strings.Builder
	target.WriteString(`{"a":1`)
	for i := range 330 {
		fmt.Fprintf(&target, `,"%s%d":1`, strings.Repeat("a", 250), i)
	}
	target.WriteString(`}`)
	var many []string
	for i := range 32 {
		many = append(many, fmt.Sprintf(`"{{ ~(?i)\\pL{480}%d~ }}":null`, i))
	}
	for name, patch := range map[string]string{
		"matching":            `{"{{ ~(?:a?){20}(?:a|b)*c~ }}":null}`,
		"compiling many":      `{"new":{` + strings.Join(many, ",") + `}}`,
		"compiling a big one": `{"{{ ~` + strings.Repeat(`(\\pL{1000})`, 20) + `~ }}":null}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = MergePatch([]byte(target.String()), []byte(patch))
			}
		})
	}
}
