package rest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/twinway/twinway/internal/gateway/auth"
)

// pondering takes its time for every request, twice.
type pondering chan struct{}

// Authenticate implements auth.Provider.
func (p pondering) Authenticate(context.Context, *http.Request) (auth.Identity, error) {
	p <- struct{}{}
	<-p
	return auth.Identity{}, auth.ErrNoCredentials
}

// Who closes what requests read of waits for all of them, not only for streams.
func TestRequestsUnderWayAreWaitedFor(t *testing.T) {
	s, asked := newPublic(nil, nil), make(pondering)
	s.options.Auth = asked
	go s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/2/things", nil))
	<-asked
	if s.underWay.TryLock() {
		t.Error("nothing is waited for")
	}
	asked <- struct{}{}
	s.Wait()
}
