package kafka

import (
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

// Names of headers that say where a message comes from.
const (
	headerTopic     = "kafka.topic"
	headerKey       = "kafka.key"
	headerTimestamp = "kafka.timestamp" // milliseconds since 1970
)

// Names of headers that say how long a message is of use.
const (
	headerCreationTime = "creation-time" // milliseconds since 1970
	headerTTL          = "ttl"           // milliseconds
)

// inbound returns a record as a message. It shares no memory with what the library keeps but for the payload.
func inbound(r *kgo.Record) external.Message {
	headers := make(external.Headers, len(r.Headers)+3)
	for _, h := range r.Headers {
		headers[strings.ToLower(h.Key)] = string(h.Value)
	}
	key := string(r.Key)
	headers[headerTopic] = r.Topic
	headers[headerTimestamp] = strconv.FormatInt(r.Timestamp.UnixMilli(), 10)
	if r.Key != nil {
		headers[headerKey] = key
	} else {
		delete(headers, headerKey)
	}
	return external.Message{Address: r.Topic, Headers: headers, Payload: r.Value, Key: key}
}

// expired says whether a record says of itself that it is of no use any more.
// Protocol rule: a record with creation-time and ttl is dropped when the time that they give has passed.
func expired(r *kgo.Record, now time.Time) bool {
	created, ok := millis(r, headerCreationTime)
	if !ok {
		return false
	}
	ttl, ok := millis(r, headerTTL)
	return ok && now.UnixMilli()-ttl > created
}

// millis returns the value of a header that is a number of milliseconds.
func millis(r *kgo.Record, name string) (int64, bool) {
	for _, h := range r.Headers {
		if !strings.EqualFold(h.Key, name) {
			continue
		}
		value, err := strconv.ParseInt(string(h.Value), 10, 64)
		return value, err == nil && value >= 0
	}
	return 0, false
}
