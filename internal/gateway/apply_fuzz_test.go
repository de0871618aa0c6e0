package gateway_test

import (
	"errors"
	"log/slog"
	"regexp"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// scalar finds the values in an encoded snapshot that are no objects and lists.
var scalar = regexp.MustCompile(`[:\[,]("[^"]*"|-?[0-9]+)[,\]}]`)

// Whatever can be decoded is applied whole or refused whole, and ends nothing.
// The seeds replace each value of a snapshot by extreme ones.
func FuzzApply(f *testing.F) {
	sample := gatewaytest.Snapshot(f, "../../config/samples")
	sample.Authentication.OIDC = []snapshot.OIDCProvider{{
		Name: "provider", Issuers: []string{"https://issuer.test"}, Subjects: []string{"{{ jwt:sub }}"}, Algorithms: []string{"ES256"},
	}}
	sample.NamespaceAccess = []snapshot.NamespaceRule{{Conditions: []string{"{{ jwt:sub }}"}, AllowedNamespaces: []string{"a.*"}}}
	good := sample.Encode()
	places := scalar.FindAllSubmatchIndex(good, -1)
	for i := range places {
		for _, value := range []string{"0", "-1", "1", "2147483648", "9223372036854775807", `""`, `"x"`, `"{{ jwt:sub | fn:"`} {
			f.Add(i, value)
		}
	}
	before, err := snapshot.Decode(good)
	if err != nil {
		f.Fatal(err)
	}
	g, err := gateway.Start(before, gateway.Options{
		DataDir: "db", FS: vfs.NewMem(), Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = g.Close() })
	f.Fuzz(func(t *testing.T, place int, value string) {
		if place < 0 || place >= len(places) {
			return
		}
		at := places[place]
		next, err := snapshot.Decode([]byte(string(good[:at[2]]) + value + string(good[at[3]:])))
		if err != nil {
			return
		}
		current := g.Current()
		_, err = g.Apply(next)
		switch {
		case err == nil:
			if g.Current().Hash() != next.Hash() {
				t.Errorf("applied, and not in force: %s = %s", good[at[0]:at[3]], value)
			}
		case !errors.As(err, new(*gateway.RestartError)) && !errors.As(err, new(*gateway.UnusableError)):
			t.Errorf("refused with %v", err)
		case g.Current() != current:
			t.Errorf("refused, and another is in force: %s = %s", good[at[0]:at[3]], value)
		}
		if _, err := g.Apply(before); err != nil {
			t.Errorf("the former is refused: %v", err)
		}
	})
}
