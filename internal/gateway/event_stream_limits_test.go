package gateway_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// streams returns how many streams are open, and how many have ended for a reason.
func streams(t *testing.T, g *gateway.Gateway, reason string) (open, ended float64) {
	t.Helper()
	values := samples(t, g)
	return values["twinway_event_streams"], values[fmt.Sprintf("twinway_event_streams_ended_total{reason=%q}", reason)]
}

func mustHaveEnded(t *testing.T, g *gateway.Gateway, reason string, n float64) {
	t.Helper()
	until(t, "the streams have ended", func() bool { open, _ := streams(t, g, reason); return open == 0 })
	if _, ended := streams(t, g, reason); ended != n {
		t.Errorf("%v are counted as %s, want %v", ended, reason, n)
	}
	if left := metric(t, g, "subscriptions"); left != 0 {
		t.Errorf("%v subscriptions are left", left)
	}
}

// Where nothing happens there is a heartbeat, which no client takes for an event.
func TestEventStreamsHaveHeartbeats(t *testing.T) {
	w := newGallery(t)
	of := w.owner.stream("/things?fields=attributes/other")
	for range 2 {
		if got, err := of.read(); got != "" || err != nil {
			t.Fatalf("told %q %v", got, err)
		}
	}
	w.must(attribute("other"), "1", 201)
	of.expect(`{"attributes":{"other":1}}`)
}

// A client that goes leaves nothing behind, however many there are.
func TestEventStreamsLeaveNothingBehind(t *testing.T) {
	const clients = 1000
	w := newGallery(t, func(s *snapshot.Snapshot) { s.Limits.Sessions.Max = clients })
	before := runtime.NumGoroutine()
	open := make([]*eventStream, clients)
	var opening sync.WaitGroup
	for worker := range 20 {
		opening.Go(func() {
			for i := worker; i < clients; i += 20 {
				open[i] = w.owner.stream([]string{"/things", "/things/test:lamp", "/things/test:lamp/inbox/messages"}[i%3])
			}
		})
	}
	opening.Wait()
	if n, _ := streams(t, w.Gateway, "left"); n != clients {
		t.Fatalf("%v streams are open", n)
	}
	w.owner.call("GET /things", "", "Accept: text/event-stream").is(t, "503 gateway:service.unavailable")
	if a := handshake(t, w.Gateway, "/ws/2", authorization(gatewaytest.User, gatewaytest.Password)); a.status != 503 {
		t.Errorf("a session is opened beyond the limit: %d", a.status)
	}
	w.must(attribute("n"), "1", 201)
	for i, of := range open {
		if i%3 < 2 {
			of.expect(`{"thingId":"test:lamp","attributes":{"n":1}}`)
		}
		of.leave()
	}
	mustHaveEnded(t, w.Gateway, "left", clients)
	w.owner.client.CloseIdleConnections()
	until(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= before+10 })
	dial(t, w.Gateway, gatewaytest.User).mustWork()
}

// Who does not read is disconnected. Nobody waits for it.
func TestEventStreamOfWhoDoesNotRead(t *testing.T) {
	w := newGallery(t)
	conn, err := net.Dial("tcp", w.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /api/2/things HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\nAuthorization: %s\r\n\r\n",
		authorization(gatewaytest.User, gatewaytest.Password).Get("Authorization"))
	if line, err := bufio.NewReaderSize(conn, 16).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Fatal(line, err)
	}
	value := `"` + strings.Repeat("x", 90_000) + `"`
	until(t, "the stream has ended", func() bool {
		for range 20 {
			w.must(attribute("room"), value, 204)
		}
		_, ended := streams(t, w.Gateway, "slow")
		return ended == 1
	})
	mustHaveEnded(t, w.Gateway, "slow", 1)
	if n := metric(t, w.Gateway, "signals_dropped_total"); n == 0 {
		t.Error("no signals are counted as dropped")
	}
}

// Streams end with the gateway's service, properly, and none begins any more.
func TestEventStreamsEndWhenTheGatewayDrains(t *testing.T) {
	w := newGallery(t, draining(time.Hour, time.Minute))
	open := []*eventStream{w.owner.stream("/things"), w.owner.stream("/things/test:lamp/inbox/messages"), w.guest.stream("/things/test:lamp")}
	w.Drain(t.Context(), true)
	for _, of := range open {
		of.mustEnd()
	}
	mustHaveEnded(t, w.Gateway, "parted", 3)
	w.owner.call("GET /things", "", "Accept: text/event-stream").is(t, "503 gateway:service.unavailable")
}

// A gateway that is closed does not wait for streams.
func TestEventStreamsEndWhenTheGatewayCloses(t *testing.T) {
	w := newGallery(t)
	of := w.owner.stream("/things")
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	of.mustEnd()
}

// Streams go on when a gateway comes back into service before it was their turn.
func TestEventStreamsGoOnWhenTheGatewayStays(t *testing.T) {
	w := newGallery(t, draining(time.Hour, time.Minute))
	of := w.owner.stream("/things")
	w.TakeOut()
	w.Resume()
	w.must(attribute("n"), "1", 201)
	of.expect(`{"thingId":"test:lamp","attributes":{"n":1}}`)
	w.owner.stream("/things")
}

// Who is no user any more has no stream.
func TestEventStreamsEndWithTheirUser(t *testing.T) {
	w := newGallery(t)
	of, stays := w.guest.stream("/things"), w.owner.stream("/things")
	mustApply(t, w.Gateway, configuration(t, withoutUser("guest")), "authentication.basic.users")
	of.mustEnd()
	w.must(attribute("n"), "1", 201)
	stays.expect(`{"thingId":"test:lamp","attributes":{"n":1}}`)
	if open, ended := streams(t, w.Gateway, "expelled"); open != 1 || ended != 1 {
		t.Errorf("%v are open, %v are counted", open, ended)
	}
}

// A stream lives as long as the token that it was opened with.
func TestEventStreamsEndWithTheirToken(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")))
	expiry := inTime(2 * time.Second)
	c := callerOf(t, g, gatewaytest.User)
	r := c.request(t.Context(), "GET /things", "", "Accept: text/event-stream")
	r.Header.Set("Authorization", "Bearer "+i.token(t, with("exp", expiry)))
	response, err := c.client.Do(r) //nolint:bodyclose // leave closes it
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(err, response)
	}
	of := &eventStream{t, response, bufio.NewReader(response.Body), func() {}}
	defer of.leave()
	of.mustEnd()
	if early := time.Until(time.Unix(expiry, 0)); early > 0 {
		t.Errorf("ended %s before the token has expired", early)
	}
	mustHaveEnded(t, g, "expired", 1)
}
