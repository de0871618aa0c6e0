package management_test

import (
	"crypto/sha256"
	"net/http"
	"testing"

	wire "github.com/twinway/twinway/internal/management"
)

func sum(body string) [sha256.Size]byte { return sha256.Sum256([]byte(body)) }

// Whatever is pushed is taken over or refused with a reason, and what is told
// afterwards is what is in force.
func FuzzPush(f *testing.F) {
	running, good := sample(f), sample(f)
	f.Add(string(good.Encode()))
	good.Drain.Budget++
	f.Add(string(good.Encode()))
	f.Add("{}")
	f.Add(`{"version":1,"gateway":{"namespace":"default","name":"demo"}}`)
	f.Fuzz(func(t *testing.T, body string) {
		p, g := newPortOf(running)
		w, status := ask(t, p, http.MethodPut, wire.PathSnapshot, body)
		switch {
		case w.Code == http.StatusOK:
			if status.Hash != hashed(body) || status.Refused != nil {
				t.Errorf("taken over: %+v", status)
			}
		case w.Code == http.StatusRequestEntityTooLarge:
		case w.Code < 400 || w.Code >= 500 || status.Refused == nil || status.Refused.Hash != hashed(body) || status.Refused.Message == "":
			t.Errorf("answered %d: %+v", w.Code, status)
		}
		if now := p.Status(); w.Code != http.StatusRequestEntityTooLarge && (now.Hash != g.status.Hash || now.Version != status.Version) {
			t.Errorf("told %+v, is %+v", status, now)
		}
	})
}
