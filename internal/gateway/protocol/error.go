package protocol

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Error is what clients are told when something is refused or fails. There is one constructor for each code. An Error is not
// modified after it was given away.
type Error struct {
	// Status is the status code, with the semantics of HTTP.
	Status int
	// Code identifies the error.
	Code string
	// Message says what is wrong, Description what to do about it. Both may be shown to whom the error is sent.
	Message, Description string
	// Href is where to read more.
	Href string
	// Unaddressed says that the error is reported for the entity unknown:unknown, because what is wrong is wrong with the
	// message as such.
	Unaddressed bool
	// Policy says that the error is one of policies and reported in their group.
	Policy bool
	// ETag is the current entity tag of what a precondition was about, "" if there is none.
	ETag string
	// RetryAfter is how long to wait before trying again, 0 if there is no saying.
	RetryAfter time.Duration
	// TopicPath is the topic of what is refused, "" unless the error tells it.
	TopicPath string
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Append appends the error as a JSON object.
func (e *Error) Append(dst []byte) []byte {
	dst = append(dst, `{"status":`...)
	dst = strconv.AppendInt(dst, int64(e.Status), 10)
	dst = append(dst, `,"error":`...)
	dst = document.AppendString(dst, e.Code)
	dst = append(dst, `,"message":`...)
	dst = document.AppendString(dst, e.Message)
	if e.Description != "" {
		dst = append(dst, `,"description":`...)
		dst = document.AppendString(dst, e.Description)
	}
	if e.Href != "" {
		dst = append(dst, `,"href":`...)
		dst = document.AppendString(dst, e.Href)
	}
	dst = appendText(dst, `,"topicPath":`, e.TopicPath)
	return append(dst, '}')
}

// retryAfter returns RetryAfter in whole seconds, rounded up.
func (e *Error) retryAfter() int64 {
	return int64((e.RetryAfter + time.Second - 1) / time.Second)
}

// maxExcerpt is how much of a client's text an error repeats, in bytes.
const maxExcerpt = 256

// excerpt returns s, or its beginning if it is long: an error must not be as large as what caused it.
func excerpt(s string) string {
	if len(s) <= maxExcerpt {
		return s
	}
	end := maxExcerpt
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
