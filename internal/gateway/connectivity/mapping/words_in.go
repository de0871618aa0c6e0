package mapping

import (
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// incoming is what placeholders say of a message that came in: header:, source: and request:, and what [words] says of the envelope
// that it has become or that it is answered with. It implements placeholder.Source.
type incoming struct {
	words
	message *external.Message
	// subject is the first of those on whose authority the message is taken, "" as long as they are not known.
	subject string
	// answer holds the headers of what the message is answered with, nil for none.
	answer *protocol.Headers
	// answerFirst says that a header of the answer counts where the message has the same.
	answerFirst bool
}

// Lookup implements placeholder.Source.
func (in *incoming) Lookup(prefix, name string) (values []string, known bool) {
	switch prefix {
	case "header":
		return some(in.header(name)), true
	case "source":
		return some(sound(in.message.Address)), name == "address"
	case "request":
		return some(in.subject), name == "subjectId"
	}
	return in.words.Lookup(prefix, name)
}

// header returns the text of a header, which is "" if there is none.
func (in *incoming) header(name string) string {
	first, second := in.ofMessage, in.ofAnswer
	if in.answerFirst {
		first, second = second, first
	}
	if text := first(name); text != "" {
		return text
	}
	return second(name)
}

func (in *incoming) ofMessage(name string) string {
	text, _ := in.message.Headers.Get(name)
	return sound(text)
}

func (in *incoming) ofAnswer(name string) string {
	if in.answer == nil {
		return ""
	}
	text, _ := in.answer.Shown(name)
	return text
}

// sound returns a text that is Unicode, and "" for any other: it must not be taken for something else by being mended.
func sound(text string) string {
	if !utf8.ValidString(text) {
		return ""
	}
	return text
}

// stage is what is known when a template is resolved.
type stage uint8

const (
	// arrived: the message alone.
	arrived stage = iota
	// authorized: also on whose authority it is taken.
	authorized
	// understood: also the envelope that it has become, or that it is answered with.
	understood
)

// knows reports whether a placeholder has a meaning at a stage.
func (s stage) knows(p placeholder.Placeholder) bool {
	switch p.Prefix {
	case "header", "source", "connection", "time":
	case "request":
		if s == arrived {
			return false
		}
	default:
		if s < understood {
			return false
		}
	}
	nothing := incoming{message: &external.Message{}}
	_, known := nothing.Lookup(p.Prefix, p.Name)
	return known
}
