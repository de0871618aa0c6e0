package placeholder

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzTemplate: whatever the text, it is parsed or refused with one of the errors that there are, and what it resolves to
// is within the bounds.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{
		"", "{{", "}}", "{{ jwt:sub }}/{{ jwt:roles }}", "{{ jwt:many | fn:join(',') }}", "{{ fn:delete() }}",
		"{{ jwt:scp | fn:split(' ') | fn:filter('like','r*|?') | fn:default(jwt:sub) }}",
		"{{ jwt:json | fn:format('{#o}{x}\\{{y}{/o}{/a/b}') }}", "{{ fn:filter(jwt:sub,'ne',\"x\") }}",
		"{{ jwt:long | fn:replace('a','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') | fn:url-encode() }}",
		"{{ text:%C3%BC | fn:url-decode() | fn:base64-encode() | fn:base64-decode() | fn:upper() }}",
		"{{ jwt:sub | fn:substring-before('i') | fn:substring-after(\"a\") | fn:trim() }}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		template, err := Parse(text)
		if err != nil {
			var typed *Error
			if !errors.As(err, &typed) || len(err.Error()) > 400 {
				t.Fatalf("error %v", err)
			}
			return
		}
		results, err := template.Resolve(source)
		if err != nil {
			if !errors.Is(err, ErrPlaceholderUnknown) && !errors.Is(err, ErrDeleted) && !errors.Is(err, ErrTooManyResults) {
				t.Fatalf("error %v", err)
			}
			return
		}
		size := 0
		for _, r := range results {
			size += len(r)
		}
		if len(results) > MaxResults || size > budget {
			t.Fatalf("%d results of %d bytes", len(results), size)
		}
		again, err := Parse(template.String())
		if err != nil {
			t.Fatal(err)
		}
		same, err := again.Resolve(source)
		if diff := cmp.Diff(results, same); diff != "" || err != nil {
			t.Fatalf("resolved again, error %v:\n%s", err, diff)
		}
	})
}
