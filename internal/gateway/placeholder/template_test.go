package placeholder

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// known is a source of a few texts, and of every text in the name of a placeholder with the prefix "text".
type known map[string][]string

func (k known) Lookup(prefix, name string) ([]string, bool) {
	if prefix == "text" {
		return []string{name}, true
	}
	values, ok := k[prefix+":"+name]
	return values, ok
}

var source = known{
	"jwt:sub":         {"alice"},
	"jwt:roles":       {"user", "admin", "admin-light"},
	"jwt:scp":         {"read write"},
	"jwt:sites":       {"berlin", "bern"},
	"jwt:absent":      {},
	"jwt:empty":       {""},
	"jwt:extra/deep":  {"found"},
	"header:X-Cust.1": {"Grüße, Welt"},
	"jwt:many":        strings.Split(strings.Repeat("x ", 100)+"x", " "),
	"jwt:long":        {strings.Repeat("a", 8<<10)},
	"jwt:json":        {`{"a":{"b":"deep"},"n":[1,2],"s":"text","e":[],"z":null,"t":true,"o":[{"x":"1","y":["p","q"]},{"x":"2"}],"w":["u","v"],"/odd":"no"}`},
	"jwt:brokenjson":  {`{"a":`, `"text"`, `{"s":"second"}`},
}

func resolve(t *testing.T, text string) ([]string, error) {
	t.Helper()
	template, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return template.Resolve(source)
}

func TestResolve(t *testing.T) {
	for _, tc := range []struct {
		name, template string
		want           []string
	}{
		{"text without expressions", "just text", []string{"just text"}},
		{"no text at all", "", []string{""}},
		{"braces that are text", "a } b }} c { d", []string{"a } b }} c { d"}},
		{"a placeholder", "{{ jwt:sub }}", []string{"alice"}},
		{"white space is free", "{{jwt:sub}}{{\t\n jwt:sub|fn:upper( )  }}", []string{"aliceALICE"}},
		{"names may have slashes, dots and capitals", "{{ jwt:extra/deep }}{{ header:X-Cust.1 }}", []string{"foundGrüße, Welt"}},
		{"the first colon separates", "{{ text:a:b }}", []string{"a:b"}},
		{"text around", "<{{ jwt:sub }}>", []string{"<alice>"}},
		{"several values", "{{ jwt:roles }}", []string{"user", "admin", "admin-light"}},
		{"every combination, the first slowest", "{{ jwt:sites }}/{{ jwt:roles | fn:filter('like','admin*') }}!",
			[]string{"berlin/admin!", "berlin/admin-light!", "bern/admin!", "bern/admin-light!"}},
		{"an unresolved expression leaves nothing", "{{ jwt:sub }}{{ jwt:absent }}", nil},
		{"empty is not unresolved", "{{ jwt:empty }}", []string{""}},
		{"as many as are allowed", "{{ jwt:scp | fn:replace('read write','1 2 3 4 5 6 7 8 9 0') | fn:split(' ') }}" +
			"{{ jwt:scp | fn:replace('read write','1 2 3 4 5 6 7 8 9 0') | fn:split(' ') | fn:filter('eq','1') }}",
			[]string{"11", "21", "31", "41", "51", "61", "71", "81", "91", "01"}},
		{"quotes hold bars and braces", `{{ jwt:absent | fn:default('a|b}}c') }}{{ jwt:absent | fn:default("it's") }}`,
			[]string{"a|b}}cit's"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := resolve(t, tc.template)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.template, diff)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, template string
		want           error
	}{
		{"unknown placeholders", "{{ jwt:unheard }}", ErrPlaceholderUnknown},
		{"unknown placeholders in parameters", "{{ jwt:absent | fn:default(jwt:unheard) }}", ErrPlaceholderUnknown},
		{"unknown placeholders, also beside unresolved ones", "{{ jwt:absent }}{{ jwt:unheard }}", ErrPlaceholderUnknown},
		{"too many results", "{{ jwt:many }}", ErrTooManyResults},
		{"too many combinations", "{{ jwt:roles }}{{ jwt:roles }}{{ jwt:roles }}{{ jwt:roles }}{{ jwt:roles }}", ErrTooManyResults},
		{"text that grows", "{{ jwt:long" + strings.Repeat(" | fn:replace('a','aaaaaaaaaaaaaaaa')", 10) + " }}", ErrTooManyResults},
		{"parts without end", "{{ jwt:long" + strings.Repeat(" | fn:split('a')", 10) + " }}", ErrTooManyResults},
		{"large results together", strings.Repeat("{{ jwt:long }}", 32), ErrTooManyResults},
		{"a result made of large ones", strings.Repeat("{{ jwt:long }}", 8), ErrTooManyResults},
		{"what is to be deleted", "{{ jwt:sub | fn:delete() }}", ErrDeleted},
		{"what is to be deleted, also beside unresolved ones", "{{ jwt:absent }}{{ fn:delete() }}", ErrDeleted},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := resolve(t, tc.template)
			if !errors.Is(err, tc.want) {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if got != nil {
				t.Errorf("results %q beside the error", got)
			}
		})
	}
}

// A hundred results are allowed, and one more is not.
func TestResultsAreCounted(t *testing.T) {
	numbers := func(n int) known { return known{"jwt:n": make([]string, n)} }
	template, err := Parse("{{ jwt:n }}")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := template.Resolve(numbers(MaxResults)); err != nil || len(got) != MaxResults {
		t.Errorf("%d results, error %v", len(got), err)
	}
	if _, err := template.Resolve(numbers(MaxResults + 1)); !errors.Is(err, ErrTooManyResults) {
		t.Errorf("error %v, want ErrTooManyResults", err)
	}
}

func TestFunctions(t *testing.T) {
	for _, tc := range []struct {
		pipeline string
		want     []string
	}{
		{"jwt:sub | fn:default('nobody')", []string{"alice"}},
		{"jwt:absent | fn:default('nobody')", []string{"nobody"}},
		{"jwt:absent | fn:default(jwt:absent) | fn:default(jwt:roles)", []string{"user", "admin", "admin-light"}},
		{"jwt:empty | fn:default('nobody')", []string{""}},
		{"fn:default('constant')", []string{"constant"}},

		{"text:a-b-c | fn:substring-before('-')", []string{"a"}},
		{"text:a-b-c | fn:substring-after('-')", []string{"b-c"}},
		{"text:abc | fn:substring-before('-')", nil},
		{"text:abc | fn:substring-after('-')", nil},
		{"jwt:roles | fn:substring-after('-')", []string{"light"}},
		{"text:abc | fn:substring-after('-') | fn:default('none')", []string{"none"}},
		{"text:xaliceb | fn:substring-after(jwt:sub)", []string{"b"}},
		{"text:abc | fn:substring-after(jwt:absent)", nil},
		{"text:abc | fn:substring-after(jwt:empty)", nil},

		{"text:aBÜ | fn:lower()", []string{"abü"}},
		{"text:aBü | fn:upper()", []string{"ABÜ"}},
		{"fn:default('  a b\t') | fn:trim()", []string{"a b"}},
		{"jwt:absent | fn:upper()", nil},

		{"header:X-Cust.1 | fn:url-encode()", []string{"Gr%C3%BC%C3%9Fe%2C+Welt"}},
		{"text:Gr%C3%BC%C3%9Fe%2C+Welt | fn:url-decode()", []string{"Grüße, Welt"}},
		{"text:%zz | fn:url-decode()", nil},
		{"text:%ff | fn:url-decode()", nil},
		{"header:X-Cust.1 | fn:base64-encode()", []string{"R3LDvMOfZSwgV2VsdA=="}},
		{"text:R3LDvMOfZSwgV2VsdA== | fn:base64-decode()", []string{"Grüße, Welt"}},
		{"text:R3L | fn:base64-decode()", nil},
		{"text:/w== | fn:base64-decode()", nil},

		{"text:banana | fn:replace('an','AN')", []string{"bANANa"}},
		{"text:banana | fn:replace('an','')", []string{"ba"}},
		{"text:a.c | fn:replace('.','*')", []string{"a*c"}},
		{"text:xalicex | fn:replace(jwt:sub,jwt:sites)", []string{"xberlinx"}},
		{"text:banana | fn:replace(jwt:absent,'x')", nil},
		{"text:banana | fn:replace(jwt:empty,'x')", nil},

		{"jwt:scp | fn:split(' ')", []string{"read", "write"}},
		{"fn:default(',a,,b') | fn:split(',')", []string{"", "a", "", "b"}},
		{"jwt:sites | fn:split('er')", []string{"b", "lin", "b", "n"}},
		{"jwt:roles | fn:join('+')", []string{"user+admin+admin-light"}},
		{"jwt:roles | fn:join('')", []string{"useradminadmin-light"}},
		{"jwt:absent | fn:join('+')", nil},
		{"jwt:scp | fn:split(' ') | fn:upper() | fn:join(',')", []string{"READ,WRITE"}},
	} {
		t.Run(tc.pipeline, func(t *testing.T) {
			got, err := resolve(t, "{{ "+tc.pipeline+" }}")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilter(t *testing.T) {
	for _, tc := range []struct {
		pipeline string
		want     []string
	}{
		{"jwt:roles | fn:filter('eq','admin')", []string{"admin"}},
		{"jwt:roles | fn:filter('ne','admin')", []string{"user", "admin-light"}},
		{"jwt:roles | fn:filter('like','admin*')", []string{"admin", "admin-light"}},
		{"jwt:roles | fn:filter('like','u???|*light')", []string{"user", "admin-light"}},
		{"jwt:roles | fn:filter('eq','root')", nil},
		{"jwt:sub | fn:filter('exists')", []string{"alice"}},
		{"jwt:sub | fn:filter('exists','true')", []string{"alice"}},
		{"jwt:sub | fn:filter('exists','false')", nil},
		{"jwt:absent | fn:filter('exists','false')", nil},
		{"jwt:absent | fn:filter('ne','x')", nil},
		{"jwt:roles | fn:filter('eq',jwt:roles)", []string{"user", "admin", "admin-light"}},
		{"jwt:roles | fn:filter('eq',jwt:absent)", nil},

		{"jwt:sub | fn:filter(jwt:roles,'eq','admin')", []string{"alice"}},
		{"jwt:sub | fn:filter(jwt:roles,'eq','root')", nil},
		{"jwt:sub | fn:filter(jwt:roles,'ne','root')", []string{"alice"}},
		{"jwt:sub | fn:filter(jwt:roles,'ne','user')", nil},
		{"jwt:sub | fn:filter(jwt:roles,'like','*light')", []string{"alice"}},
		{"jwt:sub | fn:filter(jwt:roles,'exists')", []string{"alice"}},
		{"jwt:sub | fn:filter(jwt:absent,'exists')", nil},
		{"jwt:sub | fn:filter(jwt:roles,'exists','false')", nil},
		{"jwt:sub | fn:filter(jwt:absent,'exists','false')", []string{"alice"}},
		{"jwt:sub | fn:filter(jwt:absent,'ne','root')", []string{"alice"}},
		{"jwt:sub | fn:filter(jwt:absent,'eq','')", nil},
		{"jwt:sub | fn:filter('eq','exists')", nil},
		{"jwt:sub | fn:filter('x','exists')", []string{"alice"}},
		{"jwt:absent | fn:filter(jwt:roles,'exists')", nil},

		{"fn:filter(jwt:roles,'eq','admin')", []string{"true"}},
		{"fn:filter(jwt:roles,'eq','root')", nil},
		{"fn:filter(jwt:absent,'exists','false')", []string{"true"}},
		{"fn:filter(jwt:sub,'exists') | fn:filter(jwt:sites,'eq','bern')", []string{"true"}},
	} {
		t.Run(tc.pipeline, func(t *testing.T) {
			got, err := resolve(t, "{{ "+tc.pipeline+" }}")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormat(t *testing.T) {
	for _, tc := range []struct {
		pattern string
		want    []string
	}{
		{"plain", []string{"plain"}},
		{"{s}", []string{"text"}},
		{"<{s}|{t}>", []string{"<text|true>"}},
		{"{/a/b}", []string{"deep"}},
		{"{/s}", []string{"text"}},
		{"{a}", []string{`{"b":"deep"}`}},
		{"[{absent}{z}{e}{/a/absent}]", []string{"[]"}},
		{"{n}-{w}", []string{"1-u", "1-v", "2-u", "2-v"}},
		{"{#o}{x}{/o}", []string{"1", "2"}},
		{"{s}:{#o}{x}={y}{/o}.", []string{"text:1=p.", "text:1=q.", "text:2=."}},
		{"{#n}#{.}{/n}", []string{"#1", "#2"}},
		{"{#absent}x{/absent}y", []string{"y"}},
		{`\{{s}\}`, []string{"{text}"}},
		{`a\b`, []string{`a\b`}},
	} {
		t.Run(tc.pattern, func(t *testing.T) {
			got, err := resolve(t, "{{ jwt:json | fn:format('"+tc.pattern+"') }}")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("only objects", func(t *testing.T) {
		got, err := resolve(t, "{{ jwt:brokenjson | fn:format('{s}') }}")
		if diff := cmp.Diff([]string{"second"}, got); diff != "" || err != nil {
			t.Errorf("error %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct {
		template string
		want     error
		offset   int
	}{
		{"a {{", ErrSyntax, 4},
		{"{{ }}", ErrSyntax, 3},
		{"{{ jwt }}", ErrSyntax, 3},
		{"{{ jwt: }}", ErrSyntax, 3},
		{"{{ :sub }}", ErrSyntax, 3},
		{"{{ JWT:sub }}", ErrSyntax, 3},
		{"{{ jwt:sub }", ErrSyntax, 11},
		{"{{ jwt:sub jwt:sub }}", ErrSyntax, 11},
		{"{{ jwt:sub | }}", ErrSyntax, 13},
		{"{{ jwt:sub | jwt:sub }}", ErrSyntax, 12},
		{"{{ jwt:sub | fn:upper }}", ErrSyntax, 21},
		{"{{ jwt:sub | fn:default('x }}", ErrSyntax, 25},
		{"{{ jwt:sub | fn:default('x' }}", ErrSyntax, 28},
		{"{{ jwt:sub | fn:default('x',) }}", ErrSyntax, 28},
		{"{{ jwt:sub | fn:default('x'", ErrSyntax, 27},
		{"{{ jwt:sub | fn:default(fn:upper()) }}", ErrSyntax, 24},
		{"{{ jwt:sub | fn:default(x) }}", ErrSyntax, 24},
		{"{{ jwt:\xff }}", ErrSyntax, -1},
		{"{{ jwt:sub | fn:filter('a','b','c','d','e') }}", ErrSyntax, 39},

		{"{{ jwt:sub | fn:shout() }}", ErrFunctionUnknown, 21},
		{"{{ jwt:sub | fn:Upper() }}", ErrFunctionUnknown, 21},

		{"{{ jwt:sub | fn:upper('x') }}", ErrSignature, 21},
		{"{{ jwt:sub | fn:default() }}", ErrSignature, 23},
		{"{{ jwt:sub | fn:default('a','b') }}", ErrSignature, 23},
		{"{{ jwt:sub | fn:delete('a') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:split('') }}", ErrSignature, 21},
		{"{{ jwt:sub | fn:split() }}", ErrSignature, 21},
		{"{{ jwt:sub | fn:join() }}", ErrSignature, 20},
		{"{{ jwt:sub | fn:substring-before('') }}", ErrSignature, 32},
		{"{{ jwt:sub | fn:replace('a') }}", ErrSignature, 23},
		{"{{ jwt:sub | fn:replace('','a') }}", ErrSignature, 23},
		{"{{ jwt:sub | fn:filter() }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:filter('eq') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:filter('gt','a') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:filter(jwt:sub,'gt','a') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:filter(jwt:sub,'exists','maybe') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:filter(jwt:sub,'eq') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:filter(jwt:sub,jwt:sub,'a') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:filter('a','eq','b','c') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:format(jwt:sub) }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:format('{a') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:format('a}') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:format('{}') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:format('{.}') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:format('{#a}x') }}", ErrSignature, 22},
		{"{{ jwt:sub | fn:format('{#a}{#b}x{/b}{/a}') }}", ErrSignature, 22},

		{"{{ fn:upper() }}", ErrSignature, 11},
		{"{{ fn:split(' ') }}", ErrSignature, 11},
		{"{{ fn:filter('eq','a') }}", ErrSignature, 12},
		{"{{ fn:filter('exists') }}", ErrSignature, 12},

		{"{{ jwt:sub" + strings.Repeat(" | fn:trim()", 11) + " }}", ErrTooComplex, 132},
		{strings.Repeat("{{ jwt:sub }}", 33), ErrTooComplex, 32 * 13},
		{strings.Repeat("x", MaxLength+1), ErrTooComplex, MaxLength},
	} {
		t.Run(tc.template, func(t *testing.T) {
			_, err := Parse(tc.template)
			if !errors.Is(err, tc.want) {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			var at *Error
			if !errors.As(err, &at) || at.Offset != tc.offset {
				t.Errorf("%v, want it at byte %d", err, tc.offset)
			}
		})
	}
}

func TestParseTakesAsMuchAsItSays(t *testing.T) {
	for name, text := range map[string]string{
		"functions":   "{{ jwt:sub" + strings.Repeat(" | fn:trim()", MaxFunctions) + " }}",
		"expressions": strings.Repeat("{{ jwt:sub }}", MaxExpressions),
		"length":      strings.Repeat("x", MaxLength),
	} {
		if _, err := Parse(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	template, err := Parse("{{ jwt:sub | fn:filter(header:x,'eq',jwt:y) | fn:default('z:z') }}{{ fn:default(time:now) }}")
	if err != nil {
		t.Fatal(err)
	}
	want := []Placeholder{{"jwt", "sub"}, {"header", "x"}, {"jwt", "y"}, {"time", "now"}}
	if diff := cmp.Diff(want, template.Placeholders()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Errors say what is wrong with a template and nothing of what it was resolved with.
func TestErrorsAreReadable(t *testing.T) {
	_, err := Parse("{{ jwt:sub | fn:shout() }}")
	if want := `placeholder: unknown function "shout" at byte 21`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	_, err = resolve(t, "{{ jwt:unheard }}")
	if want := `placeholder: unknown placeholder "jwt:unheard"`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	_, err = Parse("{{ jwt:sub | " + strings.Repeat("ü", 1000))
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("a long error: %v", err)
	}
}
