package connectivity

import (
	"strconv"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// many returns headers of some number, of which each has some bytes.
func many(n, size int) external.Headers {
	headers := external.Headers{"reply-to": "back"}
	for i := range n {
		headers["h"+strconv.Itoa(i)] = strings.Repeat("x", size)
	}
	return headers
}

// A message with more headers than anybody needs is rejected, and they are neither kept nor sent back.
func TestInletRejectsHeadersWithoutBound(t *testing.T) {
	for _, c := range []struct {
		name    string
		headers external.Headers
		want    string
	}{
		{"as many as may be", many(900, 50), "accepted"},
		{"one large one", many(1, 60<<10), "accepted"},
		{"too many", many(1000, 1), "rejected"},
		{"too large", many(1, 64<<10), "rejected"},
		{"too large together", many(70, 1000), "rejected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionKafka, func(l *land) {
				l.do = func(from exchange.Requester, _ *protocol.Envelope) { from.Reply(success(204), 0) }
				in, f := l.inlet(nil), newFar()
				in.use(f)
				var told settlements
				message := told.consumed(modify(""))
				message.Message.Headers = c.headers
				if err := in.Consume(l.Context(), message); err != nil {
					t.Fatal(err)
				}
				same(l, "settled", told.got(), []string{c.want})
				same(l, "left", in.drain(l.Context()), 0)
				if replies := f.got(); (len(replies) == 1) != (c.want == "accepted") {
					l.Errorf("replies: %q", replies)
				}
			})
		})
	}
}

// Headers take room as payloads do.
func TestRoomIsForHeadersToo(t *testing.T) {
	if got, want := weight(&external.Message{Payload: []byte("12345"), Headers: external.Headers{"ab": "cd", "e": ""}}), 10; got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
}
