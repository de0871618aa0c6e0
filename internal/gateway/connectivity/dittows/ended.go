package dittows

import (
	"errors"
	"fmt"
	"io"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// statusUnauthorized is a registered close code with the meaning of the status 401 of HTTP; others are used for 401 and 403 as they are, and
// with 4000 added, where codes are private.
const statusUnauthorized = 3000

// ended returns why a connection is lost, from the error of reading.
func ended(err error) error {
	frame, ok := errors.AsType[websocket.CloseError](err)
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig):
		return errors.New("the other end has sent a message that is too long")
	case ok:
		return closedWith(frame)
	case errors.Is(err, io.EOF):
		return errors.New("the other end has gone without a word")
	}
	return link.Failure(fmt.Errorf("the connection has broken: %w", err))
}

// closedWith returns what a close frame says. What may be mended is that the other end no longer takes who this is.
func closedWith(frame websocket.CloseError) error {
	cause := fmt.Errorf("the other end has closed the session with code %d", int(frame.Code))
	if frame.Reason != "" {
		cause = fmt.Errorf("%w: %s", cause, frame.Reason)
	}
	switch frame.Code {
	case websocket.StatusPolicyViolation, statusUnauthorized, 4401, 4403:
		return &link.Refusal{Cause: cause}
	}
	return cause
}
