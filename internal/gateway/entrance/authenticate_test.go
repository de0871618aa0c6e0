package entrance

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
)

// slow is a provider that never comes to an end on its own.
type slow struct{}

func (slow) Authenticate(ctx context.Context, _ *http.Request) (auth.Identity, error) {
	<-ctx.Done()
	return auth.Identity{}, auth.ErrKeysUnavailable
}

// Who cannot be authenticated in time is refused then.
func TestAuthenticateInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/2/things", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		_, refused := Authenticate(r, slow{}, time.Minute, slog.New(slog.DiscardHandler))
		if took := time.Since(began); refused == nil || took != time.Minute {
			t.Errorf("told %v after %v", refused, took)
		}
	})
}
