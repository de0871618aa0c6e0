package auth

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
)

// What is read of a query is what the standard library reads of it.
func TestQueryValues(t *testing.T) {
	for _, query := range []string{
		"", "&", "=", "token", "token=", "token=a", "token=a&token=b", "x=token&token=a%20b+c", "%74oken=a", "to+ken=a", "Token=a",
		"token=%", "token=%zz&token=a", "%zz=a&token=b", "token=a;token=b", "token;x=a&token=b", "a;b&token=c", "token=a=b&&token=%3B",
		"token=%26token%3Db", "xtoken=a&tokenx=b", "token%00=a",
	} {
		r := &http.Request{URL: &url.URL{RawQuery: query}}
		if got, want := queryValues(r, "token"), r.URL.Query()["token"]; !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

// Nothing is made of parameters that nobody looks for.
func TestOtherParametersCostNothing(t *testing.T) {
	r := &http.Request{URL: &url.URL{RawQuery: "filter=eq(thingId,%22org.acme:a%22)&option=size(200)"}}
	if n := testing.AllocsPerRun(100, func() { queryValues(r, "token") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
