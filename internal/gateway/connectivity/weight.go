package connectivity

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// What a message may have besides its payload. Headers are kept as long as the message may be answered, looked through for each
// placeholder, and chosen by its sender: with MQTT and Kafka they may be as large as a payload.
const (
	maxHeaders     = 1000
	maxHeaderBytes = 64 << 10 // names and values
)

var errHeaders = protocol.ErrHeadersTooLarge("Those of a message may be " + strconv.Itoa(maxHeaders) + ", and have " + strconv.Itoa(maxHeaderBytes) + " bytes.")

// weight returns how many bytes of a message are kept while it is handled.
func weight(m *external.Message) int { return len(m.Payload) + aside(m) }

// aside returns how many bytes a message has besides its payload.
func aside(m *external.Message) (size int) {
	for name, value := range m.Headers {
		size += len(name) + len(value)
	}
	return size
}

// tooMuchAside reports whether a message has more headers than are looked at.
func tooMuchAside(m *external.Message) bool {
	return len(m.Headers) > maxHeaders || aside(m) > maxHeaderBytes
}
