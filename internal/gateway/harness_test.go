package gateway_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// configuration returns the snapshot of the samples with some changes.
func configuration(t *testing.T, changes ...func(*snapshot.Snapshot)) *snapshot.Snapshot {
	t.Helper()
	snap := gatewaytest.Snapshot(t, "../../config/samples")
	for _, change := range changes {
		change(snap)
	}
	return snap
}

// withUser adds a user with the password of the tests.
func withUser(name string) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) {
		s.Authentication.Basic.Users[name] = s.Authentication.Basic.Users[gatewaytest.User]
	}
}

func withoutUser(name string) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { delete(s.Authentication.Basic.Users, name) }
}

// start runs a gateway on the samples with some changes.
func start(t *testing.T, changes ...func(*snapshot.Snapshot)) *gateway.Gateway {
	t.Helper()
	return gatewaytest.Start(t, configuration(t, changes...))
}

// startOn runs a gateway on a disk that the test breaks.
func startOn(t *testing.T, disk *slowdisk.Disk, changes ...func(*snapshot.Snapshot)) *gateway.Gateway {
	t.Helper()
	g, err := gateway.Start(configuration(t, changes...), gateway.Options{
		DataDir: "db", FS: disk, Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func authorization(user, password string) http.Header {
	credentials := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	return http.Header{"Authorization": {"Basic " + credentials}}
}

// answer is how a handshake was answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code returns the code of the error in the body, which must be JSON.
func (a answer) code(t *testing.T) string {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("Content-Type is %q with the body %s", kind, a.body)
	}
	var e struct {
		Status         int
		Error, Message string
	}
	if err := json.Unmarshal(a.body, &e); err != nil {
		t.Fatalf("%v in the body %q", err, a.body)
	}
	if e.Status != a.status || e.Message == "" {
		t.Errorf("the body does not match the status %d: %s", a.status, a.body)
	}
	return e.Error
}

// retryAfter returns the seconds of the header Retry-After.
func (a answer) retryAfter(t *testing.T) int {
	t.Helper()
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		t.Errorf("Retry-After is %q, want seconds", a.header.Get("Retry-After"))
	}
	return seconds
}

// handshake sends a handshake with more headers; an empty value removes one.
func handshake(t *testing.T, g *gateway.Gateway, target string, headers ...http.Header) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.Address()+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	for _, h := range headers {
		maps.Copy(r.Header, h)
	}
	return exchange(t, r)
}

func exchange(t *testing.T, r *http.Request) answer {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	if a.status != http.StatusSwitchingProtocols {
		if a.body, err = io.ReadAll(response.Body); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// client is a session of the user of the tests, or of another one.
type client struct {
	t  *testing.T
	ws *websocket.Conn
}

func dial(t *testing.T, g *gateway.Gateway, user string) *client {
	t.Helper()
	return dialWith(t, g, "/ws/2", authorization(user, gatewaytest.Password))
}

// dialWith opens a session with the headers, nil for none. Among them may be
// subprotocols, one in each value.
func dialWith(t *testing.T, g *gateway.Gateway, target string, header http.Header) *client {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), "ws://"+g.Address()+target, &websocket.DialOptions{
		HTTPHeader: header, Subprotocols: header["Sec-Websocket-Protocol"],
	})
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{t, ws}
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.ws.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// read returns the next message, or why there is none. It does not wait
// forever.
func (c *client) read() ([]byte, error) {
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	_, text, err := c.ws.Read(ctx)
	return text, err
}

func (c *client) receive() string {
	c.t.Helper()
	text, err := c.read()
	if err != nil {
		c.t.Fatalf("receive: %v", err)
	}
	return string(text)
}

// ask sends a text and returns the next one that arrives.
func (c *client) ask(text string) string {
	c.t.Helper()
	c.send(text)
	return c.receive()
}

// do sends a command and returns the status it is answered with, and the
// error's code if there is one.
func (c *client) do(command string) (status int, code string) {
	c.t.Helper()
	return statusOf(c.t, c.ask(command))
}

// mustDo sends a command that must be answered with the status, and with the
// error's code unless there is none.
func (c *client) mustDo(command string, status int, code string) {
	c.t.Helper()
	answer := c.ask(command)
	if gotStatus, gotCode := statusOf(c.t, answer); gotStatus != status || gotCode != code {
		c.t.Errorf("%s\nis answered %s\nwant %d %s", command, answer, status, code)
	}
}

// mustWork proves that the session is open and served.
func (c *client) mustWork() {
	c.t.Helper()
	if status, code := c.do(command("absent", "retrieve", "/", "")); status != 404 {
		c.t.Errorf("a retrieve is answered %d %s", status, code)
	}
}

// closed reads to the end of the session and returns the close frame's code
// and reason, -1 if there was none.
func (c *client) closed() (code int, reason string) {
	c.t.Helper()
	for {
		if _, err := c.read(); err != nil {
			return closeFrame(err)
		}
	}
}

// closeFrame returns the close frame's code and reason of an error of reading.
func closeFrame(err error) (code int, reason string) {
	frame, ok := errors.AsType[websocket.CloseError](err)
	if !ok {
		return -1, err.Error()
	}
	return int(frame.Code), frame.Reason
}

func (c *client) mustClose(want int) {
	c.t.Helper()
	if code, reason := c.closed(); code != want || reason == "" {
		c.t.Errorf("closed with %d and the reason %q, want %d and a reason", code, reason, want)
	}
}

func statusOf(t *testing.T, text string) (status int, code string) {
	t.Helper()
	var e struct {
		Status int
		Value  json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var value struct{ Error string }
	_ = json.Unmarshal(e.Value, &value) // not every value is an object
	return e.Status, value.Error
}

// command returns the text of a command; value is JSON, or empty for none.
func command(thing, action, path, value string) string {
	return correlated("test", thing, action, path, value)
}

func correlated(id, thing, action, path, value string) string {
	if value != "" {
		value = `,"value":` + value
	}
	return fmt.Sprintf(`{"topic":"test/%s/things/twin/commands/%s","headers":{"correlation-id":%q},"path":%q%s}`, thing, action, id, path, value)
}

func mustUnmarshal(t *testing.T, text string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), to); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

// message returns the text of an envelope; value is JSON, or empty for none.
func message(topic, path, value string) string {
	if value != "" {
		value = `,"value":` + value
	}
	return fmt.Sprintf(`{"topic":%q,"headers":{"correlation-id":"test"},"path":%q%s}`, topic, path, value)
}

// policyCommand returns the text of a command on a policy of namespace test.
func policyCommand(policy, action, path, value string) string {
	return message("test/"+policy+"/policies/commands/"+action, path, value)
}

// policyOf returns a policy of the user of the tests, with guests who may read
// things: an object of subjects by their ids.
func policyOf(guests string) string {
	const all, read = `{"grant":["READ","WRITE"],"revoke":[]}`, `{"grant":["READ"],"revoke":[]}`
	return `{"entries":{"owner":{"subjects":{"nginx:ditto":{"type":"user"}},"resources":{"policy:/":` + all + `,"thing:/":` + all + `}},` +
		`"guests":{"subjects":` + guests + `,"resources":{"thing:/":` + read + `}}}}`
}

// rawDial opens a session without a library that would answer pings, read
// ahead or start goroutines. The buffer is what the system keeps of what
// arrives, in bytes; 0 leaves it to the system.
func rawDial(t *testing.T, g *gateway.Gateway, buffer int) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", g.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	tcp := conn.(*net.TCPConn)
	if buffer > 0 {
		if err := tcp.SetReadBuffer(buffer); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintf(tcp, "GET /ws/2 HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: %s\r\n\r\n",
		authorization(gatewaytest.User, gatewaytest.Password).Get("Authorization"))
	reader := bufio.NewReader(tcp)
	for line := ""; line != "\r\n"; {
		if line, err = reader.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	return tcp, reader
}

// rawText returns a text frame of a client whose mask is zero; up to 64 KiB.
func rawText(text string) []byte {
	frame := []byte{0x81, 0x80 | byte(len(text))}
	if len(text) > 125 {
		frame = binary.BigEndian.AppendUint16([]byte{0x81, 0x80 | 126}, uint16(len(text)))
	}
	return append(append(frame, 0, 0, 0, 0), text...)
}

// get asks the admin listener.
func get(t *testing.T, g *gateway.Gateway, path string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.AdminAddress()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return exchange(t, r)
}

// samples returns the values of all metrics by their name and labels, as they
// are written in the exposition format.
func samples(t *testing.T, g *gateway.Gateway) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	for line := range strings.Lines(string(get(t, g, "/metrics").body)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if i := strings.LastIndex(line, "} "); i >= 0 {
			name, text = line[:i+1], strings.TrimSpace(line[i+2:])
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatalf("metric %q: %v", line, err)
		}
		values[name] = value
	}
	return values
}

// metric returns the value of one metric of the gateway, 0 if there is none.
func metric(t *testing.T, g *gateway.Gateway, name string) float64 {
	t.Helper()
	return samples(t, g)["twinway_"+name]
}

// until waits for something that is sure to come if all is well.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a guard against hanging
	defer cancel()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
