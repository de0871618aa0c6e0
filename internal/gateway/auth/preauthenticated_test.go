package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func preAuthenticated(query string, header ...string) *http.Request {
	h := http.Header{}
	for _, v := range header {
		h.Add("x-ditto-pre-authenticated", v)
	}
	return &http.Request{Header: h, URL: &url.URL{RawQuery: query}}
}

func TestPreAuthenticated(t *testing.T) {
	hundred := strings.Repeat("s", 50)
	for n := range MaxSubjects - 1 {
		hundred += fmt.Sprint(",s", n)
	}
	long := strings.Repeat("s", maxSubjectBytes)
	const query = "x-ditto-pre-authenticated=nginx:query"
	for _, tc := range []struct {
		name    string
		request *http.Request
		query   bool // is allowed
		want    Subjects
		err     error
	}{
		{name: "header", request: preAuthenticated("", "nginx:ditto"), want: Subjects{"nginx:ditto"}},
		{name: "several, in their order, each once", request: preAuthenticated("", " b , a,,b,\tc c "), want: Subjects{"b", "a", "c c"}},
		{name: "no header", request: preAuthenticated(""), err: ErrNoCredentials},
		{name: "empty header", request: preAuthenticated("", ""), err: ErrWrongCredentials},
		{name: "no subject in it", request: preAuthenticated("", " , ,"), err: ErrWrongCredentials},
		{name: "control character", request: preAuthenticated("", "a\x00"), err: ErrWrongCredentials},
		{name: "header twice", request: preAuthenticated("", "a", "b"), err: ErrDuplicate},
		{name: "header twice, the same", request: preAuthenticated("", "a", "a"), err: ErrDuplicate},
		{name: "a hundred", request: preAuthenticated("", hundred), want: strings.Split(hundred, ",")},
		{name: "a hundred and one", request: preAuthenticated("", hundred+",x"), err: ErrTooManySubjects},
		{name: "long", request: preAuthenticated("", long), want: Subjects{long}},
		{name: "too long", request: preAuthenticated("", long+",x"), err: ErrTooManySubjects},

		{name: "query, not allowed", request: preAuthenticated(query), err: ErrNoCredentials},
		{name: "header and query, not allowed", request: preAuthenticated(query, "nginx:ditto"), want: Subjects{"nginx:ditto"}},
		{name: "query", query: true, request: preAuthenticated(query), want: Subjects{"nginx:query"}},
		{name: "header and query, the same", query: true, request: preAuthenticated(query, "nginx:query"), want: Subjects{"nginx:query"}},
		{name: "header and query", query: true, request: preAuthenticated(query, "nginx:ditto"), err: ErrDuplicate},
		{name: "query twice", query: true, request: preAuthenticated(query + "&" + query), err: ErrDuplicate},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id, err := NewPreAuthenticated(true, tc.query).Authenticate(t.Context(), tc.request)
			if !errors.Is(err, tc.err) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			want := Identity{}
			if tc.err == nil {
				want = Identity{Kind: KindPreAuthenticated, User: tc.want[0], Subjects: tc.want}
			}
			if diff := cmp.Diff(want, id); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := NewPreAuthenticated(false, tc.query).Authenticate(t.Context(), tc.request); !errors.Is(err, ErrNoCredentials) {
				t.Errorf("disabled: error %v", err)
			}
		})
	}
}

func TestPreAuthenticatedUpdate(t *testing.T) {
	p := NewPreAuthenticated(true, true)
	r := preAuthenticated("x-ditto-pre-authenticated=a")
	id, err := p.Authenticate(t.Context(), r)
	if err != nil || !p.Admits(id) || p.Admits(Identity{Kind: KindJWT}) {
		t.Fatalf("%+v, %v", id, err)
	}
	p.Update(true, false)
	if _, err := p.Authenticate(t.Context(), r); !errors.Is(err, ErrNoCredentials) {
		t.Errorf("error %v", err)
	}
	p.Update(false, false)
	if p.Admits(id) {
		t.Error("admitted although it is disabled")
	}
}
