package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
)

// nobody lets nobody in.
type nobody struct{}

// Authenticate implements auth.Provider.
func (nobody) Authenticate(context.Context, *http.Request) (auth.Identity, error) {
	return auth.Identity{}, auth.ErrNoCredentials
}

// connection is a response whose connection notes until when it may be read and written.
type connection struct {
	*httptest.ResponseRecorder
	read, write []bool // whether there was a deadline, each time that one was set
}

func (c *connection) SetReadDeadline(t time.Time) error {
	c.read = append(c.read, !t.IsZero())
	return nil
}

func (c *connection) SetWriteDeadline(t time.Time) error {
	c.write = append(c.write, !t.IsZero())
	return nil
}

// A body has a time in which it must come. When it is there, nothing is in the way of watching whether the client leaves.
func TestBodiesComeInTime(t *testing.T) {
	c := &connection{ResponseRecorder: httptest.NewRecorder()}
	r := httptest.NewRequest(http.MethodPut, "/", strings.NewReader("abc"))
	expect(c, r)
	if len(c.read) != 1 || !c.read[0] || len(c.write) != 1 || !c.write[0] {
		t.Fatalf("deadlines to read %v and to write %v, want one of each", c.read, c.write)
	}
	if _, err := io.ReadAll(r.Body); err != nil {
		t.Fatal(err)
	}
	if len(c.read) != 2 || c.read[1] {
		t.Errorf("deadlines to read %v, want none after the body", c.read)
	}
}

func TestNobodyWaitsForABodyThatThereIsNot(t *testing.T) {
	c := &connection{ResponseRecorder: httptest.NewRecorder()}
	for _, body := range []io.Reader{nil, http.NoBody} {
		expect(c, httptest.NewRequest(http.MethodGet, "/", body))
	}
	if len(c.read)+len(c.write) > 0 {
		t.Errorf("deadlines to read %v and to write %v, want none", c.read, c.write)
	}
}

// A body that does not come is a request that cannot be read.
func TestABodyThatDoesNotCome(t *testing.T) {
	r := httptest.NewRequest(http.MethodPut, "/", io.MultiReader(strings.NewReader("{"), &failing{}))
	c := &connection{ResponseRecorder: httptest.NewRecorder()}
	expect(c, r)
	q := &request{http: r, writer: c, settings: &Settings{MaxBody: 10}}
	if _, err := q.body(); err == nil || err.Code != "gateway:body.unreadable" {
		t.Errorf("error %v", err)
	}
	if len(c.read) != 1 {
		t.Errorf("deadlines to read %v, want the first to stay for what passes over the rest", c.read)
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, errors.New("timeout") }

// An answer that is not read holds nobody for ever.
func TestAnswersAreReadInTime(t *testing.T) {
	c := &connection{ResponseRecorder: httptest.NewRecorder()}
	(&answer{status: 200, body: []byte("{}")}).write(c, httptest.NewRequest(http.MethodGet, "/", nil), nil)
	if len(c.write) != 1 || !c.write[0] {
		t.Errorf("deadlines to write %v, want one", c.write)
	}
}

// Bounds are met, and not passed.
func TestWhatIsAroundABodyIsBounded(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	many := func(n int) (list []string) {
		for range n {
			list = append(list, "A: 1")
		}
		return list
	}
	for name, tt := range map[string]struct {
		target  string
		headers []string
		want    int
	}{
		"URI":             {"/health?" + long(maxURI-8), nil, 200},
		"longer URI":      {"/health?" + long(maxURI-7), nil, 414},
		"headers":         {"/health", many(maxHeaders), 200},
		"one header more": {"/health", many(maxHeaders + 1), 431},
		"name":            {"/health", []string{long(maxHeaderName) + ": 1"}, 200},
		"longer name":     {"/health", []string{long(maxHeaderName+1) + ": 1"}, 431},
		"value":           {"/health", []string{"A: " + long(maxHeaderValue)}, 200},
		"longer value":    {"/health", []string{"A: " + long(maxHeaderValue+1)}, 431},
		"as it is":        {"/health", []string{"Content-Encoding: identity"}, 200},
		"packed":          {"/health", []string{"Content-Encoding: gzip"}, 415},
	} {
		t.Run(name, func(t *testing.T) {
			if w := ask(newPublic(nil, nil), "GET "+tt.target, tt.headers...); w.Code != tt.want {
				t.Errorf("answered %d %s, want %d", w.Code, w.Body, tt.want)
			}
		})
	}
}
