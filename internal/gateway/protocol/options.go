package protocol

import (
	"slices"
	"time"
)

// Options is how a command wants to be answered.
type Options struct {
	// ResponseRequired says that the command is answered.
	ResponseRequired bool
	// Timeout is how long the answer may take, -1 if the command does not say.
	Timeout time.Duration
	// RequestedAcks are the labels of the acknowledgements that the answer consists of. Queries have none. The slice must
	// not be modified.
	RequestedAcks []string
	// AcksGiven says that the command itself listed them, perhaps none.
	AcksGiven bool
}

// defaultAcks is what a modification waits for that does not say.
var defaultAcks = []string{LabelTwinPersisted}

// CommandOptions reads from the headers how a command on the twin channel wants to be answered. Query says that it is a
// retrieve.
//
// Protocol rules:
//   - A modification that does not say otherwise requires a response, and twin-persisted as acknowledgement. A timeout of zero
//     alone says that it requires neither.
//   - A list of acknowledgements that was given is taken as it is, except that live-response means nothing to a twin.
//   - Nobody can wait for a response or acknowledgements for no time, or for acknowledgements without a response.
//   - A query requires a response, and knows no acknowledgements.
//
// Errors: header.invalid, and command.headers.invalid for a query without response.
func CommandOptions(h *Headers, query bool) (Options, *Error) {
	o := Options{Timeout: -1}
	if raw, ok := h.Get(HeaderTimeout); ok {
		timeout, ok := readTimeout(string(bytesOf(raw)))
		if !ok {
			return Options{}, ErrTimeoutInvalid(textOf(raw))
		}
		o.Timeout = timeout
	}
	required, given := h.Bool(HeaderResponseRequired)
	o.ResponseRequired = required || !given
	if query {
		if !o.ResponseRequired {
			return Options{}, ErrResponseRequired()
		}
	} else {
		o.readAcks(h)
		if !given {
			o.ResponseRequired = o.Timeout != 0
		}
	}
	if err := o.check(); err != nil {
		return Options{}, err
	}
	return o, nil
}

// readAcks completes the labels. ResponseRequired is what the header says, or true.
func (o *Options) readAcks(h *Headers) {
	labels, given := h.Strings(HeaderRequestedAcks)
	if given {
		o.AcksGiven = true
		o.RequestedAcks = slices.DeleteFunc(labels, func(s string) bool { return s == LabelLiveResponse })
		return
	}
	if o.ResponseRequired && o.Timeout != 0 {
		o.RequestedAcks = defaultAcks
	}
}

func (o *Options) check() *Error {
	if o.Timeout == 0 && (o.ResponseRequired || len(o.RequestedAcks) > 0) {
		return ErrHeaderConflict(HeaderTimeout, "The timeout must not be zero when a response or acknowledgements are required.")
	}
	if !o.ResponseRequired && len(o.RequestedAcks) > 0 {
		return ErrHeaderConflict(HeaderRequestedAcks, "Acknowledgements cannot be requested without requiring a response.")
	}
	return nil
}
