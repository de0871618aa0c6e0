package snapshot_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/snapshot"
)

var update = flag.Bool("update", false, "write the golden files")

// The encoding is stored and compared by its hash: a change of the bytes is a
// change of every gateway's configuration.
func TestEncodeIsStable(t *testing.T) {
	golden := filepath.Join("testdata", "snapshot.golden.json")
	got := sample().Encode()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("encoding changed (-want +got):\n%s", diff)
	}
}

func TestHashIsTheIdentityOfTheContent(t *testing.T) {
	const want = "838d7fe0ff825fed94abc95444af578808c293bcbe99312b0de641a2ecdab2e0"
	if got := sample().Hash(); got != want {
		t.Errorf("hash = %s, want %s", got, want)
	}
	for range 20 { // the order of a map differs from run to run
		if a, b := sample().Hash(), sample().Hash(); a != b {
			t.Fatalf("equal snapshots have hashes %s and %s", a, b)
		}
	}
	other := sample()
	other.Authentication.Basic.Users["ditto"] = snapshot.PasswordHash("$2a$10$another")
	if other.Hash() == sample().Hash() {
		t.Error("a changed password hash does not change the hash of the snapshot")
	}
}

// A configuration that uses nothing new has the hash that it had before there
// was something new: gateways that do not know that are not told of it.
func TestOldConfigurationsKeepTheirHash(t *testing.T) {
	const want = "2fce6d015ef50b44a6abed3dd0cdaecdf9c717a39597db3ab4fea9dc4be719f2"
	old := sample()
	old.Storage.History.MaxAge = 0
	old.Authentication.TokenIntegrationSubject = ""
	old.Search, old.HTTP = snapshot.Search{}, snapshot.HTTP{}
	old.Connections = slices.Concat(old.Connections[:3], old.Connections[4:5])
	field, push, target := &old.Connections[1], &old.Connections[3], old.Subscriptions[0].Target
	field.MQTT.CleanStart, field.MQTT.SessionExpiry, field.MQTT.LastWill = false, 0, nil
	source := &field.Sources[0]
	source.QoS, source.ImplicitThing, source.ReplyHeaders, source.Replies = nil, nil, nil, nil
	push.HTTPPush.OmitBody = nil
	target.Fields, target.DeletedFields = "", false
	if got := old.Hash(); got != want {
		t.Errorf("hash = %s, want %s", got, want)
	}
}
