package connections_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/twinway/twinway/internal/management"
)

// login is the Secret that the Connections of these tests log in with.
func login(password string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {username: gateway, password: %s}
`, password)
}

// strict are ends that know the gateway by the password "right" alone. Each is the lines of a Connection's spec, and what cuts and mends
// the way there.
var strict = map[string]func(t *testing.T) (lines string, sever, mend func()){
	"MQTT": func(t *testing.T) (string, func(), func()) {
		passwords := filepath.Join(t.TempDir(), "passwords")
		if out, err := exec.Command("mosquitto_passwd", "-b", "-c", passwords, "gateway", "right").CombinedOutput(); err != nil {
			t.Skipf("NOT TESTED with mosquitto_passwd: %v %s", err, out)
		}
		m := newMosquitto(t, "allow_anonymous false", "password_file "+passwords)
		return m.options(), m.sever, m.mend
	},
	"Kafka": func(t *testing.T) (string, func(), func()) {
		k := newKafka(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "gateway", "right"))
		return strings.Replace(k.options(), "kafka: {", "kafka: {saslMechanism: Plain, ", 1), k.sever, k.mend
	},
	"NATS": func(t *testing.T) (string, func(), func()) {
		n := newBareNATS(t, func(o *server.Options) { o.Username, o.Password = "gateway", "right" })
		return n.options(), n.sever, n.mend
	},
	"DittoWebSocket": func(t *testing.T) (string, func(), func()) {
		cloud := start(t)
		c := lay(t, func() string { return cloud.public })
		return "  type: DittoWebSocket\n  uri: ws://" + c.Address + "/ws/2", c.sever, c.mend
	},
}

// Credentials that are refused are a failure that says so, until others are applied. As long as a connection is open others interrupt nothing: they
// are used when it is made again.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for kind, of := range strict {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			lines, sever, mend := of(t)
			connection := fmt.Sprintf(`
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: other}
spec:
  gatewayRef: {name: demo}
%s
  credentials: {basic: {name: login}}
  reconnect: {initialDelay: 100ms, maxDelay: 1s}`, lines)
			w := start(t, connection, login("expired"))
			w.awaitState("other", management.LinkFailed)
			if why := w.connection("other").Message; why == "" || strings.Contains(why, "expired") {
				t.Errorf("it has failed because %q", why)
			} else {
				t.Log(why)
			}
			w.apply(connection, login("right"))
			w.awaitState("other", management.LinkOpen)
			opened := w.opened("other")

			w.apply(connection, login("future"))
			w.apply(connection, login("right"))
			w.apply(connection, login("wrong"))
			if state := w.connection("other").State; state != string(management.LinkOpen) || w.opened("other") != opened {
				t.Errorf("another password has made it %s", state)
			}
			sever()
			if kind != "Kafka" { // whose client notices a cut only when it lasts
				eventually(t, "the cut is noticed", func() bool { return w.connection("other").State != string(management.LinkOpen) })
			}
			mend()
			w.awaitState("other", management.LinkFailed)
			w.apply(connection, login("right"))
			w.awaitState("other", management.LinkOpen)
			if now := w.opened("other"); now != opened+1 {
				t.Errorf("it was opened %d times and then %d", opened, now)
			}
		})
	}
}

// opened returns how often a Connection was opened.
func (w *world) opened(name string) (times int) {
	for line := range w.metrics() {
		if strings.HasPrefix(line, `twinway_connection_dials_total{connection="`+name+`",result="open"}`) {
			times = valueOf(line)
		}
	}
	return times
}

// A server that does not take the token is asked again, until there is another token: nothing is lost meanwhile.
func TestTokenOfPushes(t *testing.T) {
	t.Parallel()
	s := newSink(t)
	s.status = func(p pushed) int {
		if p.header.Get("Authorization") != "Bearer right" {
			return http.StatusUnauthorized
		}
		return http.StatusNoContent
	}
	token := func(token string) string {
		return "apiVersion: v1\nkind: Secret\nmetadata: {name: token}\nstringData: {token: " + token + "}"
	}
	push := strings.Replace(pushTo(s.URL, "    delivery: AtLeastOnce"), "  reconnect:", "  credentials: {bearer: {name: token, key: token}}\n  reconnect:", 1)
	w := start(t, push, token("expired"))
	w.policy("org.acme:open", "integration:sink")
	w.must(http.MethodPut, "/api/2/things/org.acme:lamp", `{"policyId":"org.acme:open"}`)
	const changes = 50
	for n := range changes {
		w.must(http.MethodPut, "/api/2/things/org.acme:lamp/attributes/"+fmt.Sprintf("n%d", n+1), fmt.Sprint(n))
	}
	eventually(t, "it is tried again", func() bool { return w.figures("sink", "out", "events")["retried"] > 1 })
	w.apply(push, token("right"))
	eventually(t, "all is pushed", func() bool { return s.known() == changes })
	if out := w.figures("sink", "out", "events"); out["failed"]+out["dropped"] > 0 {
		t.Errorf("something is lost: %v", out)
	}
}
