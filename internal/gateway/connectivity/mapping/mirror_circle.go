package mapping

import (
	"bytes"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// headerMirrored is the header that says how often what an envelope tells of was repeated at another end. Where ends repeat each other
// over several connections nothing else tells what has been here before: to each of them it comes from somebody else.
const headerMirrored = "twinway-mirrored"

// maxMirrored is how often something is repeated. Ways that go in no circle are shorter: edge, plant, region, cloud.
const maxMirrored = 8

// signals reports whether an envelope tells of something by itself. What answers it goes no further than that came from.
func signals(env *protocol.Envelope) bool {
	c := env.Topic.Criterion
	return env.Status == 0 && c != protocol.Acks && c != protocol.Errors
}

// timesMirrored returns how often what an envelope tells of was repeated.
func timesMirrored(env *protocol.Envelope) int {
	text, _ := env.Headers.Shown(headerMirrored)
	times, err := strconv.Atoi(text)
	if err != nil || times < 0 || !signals(env) {
		return 0
	}
	return times
}

// count gives what repeats something the header that says how often that was done. What was repeated before may come back to where it
// began: it changes nothing there, and then there is no event that would go round.
func count(repeated *protocol.Envelope, times int) {
	if !signals(repeated) {
		return
	}
	_ = repeated.Headers.ReadText(headerMirrored, strconv.Itoa(times+1)) // which cannot fail: the protocol does not know it
	action := repeated.Topic.Action
	if times > 0 && repeated.Topic.Channel == protocol.Twin && (action == protocol.Modify || action == protocol.Merge) {
		repeated.Headers.SetString(protocol.HeaderIfEqual, "skip")
	}
}

// Text returns the text of what [Mirror] has returned, as a client sends it. Append writes what a server shows, which a condition is not.
func Text(repeated *protocol.Envelope) []byte {
	text := repeated.Append(nil)
	if !repeated.Headers.Has(protocol.HeaderIfEqual) {
		return text
	}
	// It is found nowhere but there: in a JSON string its quotes would be escaped. There is at least the header that counts.
	return bytes.Replace(text, []byte(`"headers":{`), []byte(`"headers":{"if-equal":"skip",`), 1)
}
