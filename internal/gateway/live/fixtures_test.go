package live

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// decode reads an envelope as it comes from a client.
func decode(t testing.TB, frame string) *protocol.Envelope {
	t.Helper()
	env := &protocol.Envelope{}
	if err := protocol.Decode([]byte(frame), env); err != nil {
		t.Fatalf("%s: %v: %s", frame, err, err.Description)
	}
	return env
}

// frame returns an envelope for the thing ns:t. Topic is what follows the channel, and rest are further members.
func frame(topic, path, rest string) string {
	if rest != "" {
		rest = "," + rest
	}
	return fmt.Sprintf(`{"topic":"ns/t/things/live/%s","path":%s%s}`, topic, quoted(path), rest)
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// codeOf returns status and code of an error, "" of none.
func codeOf(err *protocol.Error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("%d %s", err.Status, err.Code)
}

// rightsOf returns what somebody may do with pairs of permissions and resources: "+rw thing:/ -r thing:/attributes/a". A plus
// grants, a minus revokes. Nobody in particular may do nothing.
func rightsOf(t testing.TB, pairs string) *enforcer.Rights {
	t.Helper()
	words := strings.Fields(pairs)
	entry := enforcer.Entry{Subjects: []string{"me"}}
	for i := 0; i+1 < len(words); i += 2 {
		var p enforcer.Permissions
		for _, letter := range words[i][1:] {
			p |= map[rune]enforcer.Permissions{'r': enforcer.Read, 'w': enforcer.Write}[letter]
		}
		resource := enforcer.Resource{Key: words[i+1], Grant: p}
		if words[i][0] == '-' {
			resource = enforcer.Resource{Key: words[i+1], Revoke: p}
		}
		entry.Resources = append(entry.Resources, resource)
	}
	return enforcer.Compile([]enforcer.Entry{entry}).InNamespace("ns", []string{"me"})
}

// checkJSON compares texts of JSON by what they say.
func checkJSON(t *testing.T, got []byte, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal(got, &g); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("got %s\n(-want +got):\n%s", got, diff)
	}
}
