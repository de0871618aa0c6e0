package httppush

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

const (
	// maxAnswer is how large the body of an answer may be, in bytes: as large as the payload of an acknowledgement. A larger one is left out.
	maxAnswer = 100_000
	// maxDrained is how much more is read, so that the connection can be used again.
	maxDrained = 256 << 10
	// maxRetryAfter is how long the other end may want to be left alone.
	maxRetryAfter = time.Hour
)

// outcomeOf reads an answer.
func outcomeOf(response *http.Response, now time.Time) link.Outcome {
	outcome := link.Outcome{Status: response.StatusCode}
	if !outcome.Delivered() {
		outcome.Err = fmt.Errorf("the other end has answered with status %d", response.StatusCode)
		outcome.Again = isPassing(response.StatusCode)
		outcome.RetryAfter = retryAfter(response.Header.Get("Retry-After"), now)
	}
	if outcome.Status < 200 || outcome.Status > 599 {
		// One that acknowledgements do not have.
		outcome.Status = http.StatusBadGateway
	}
	outcome.Answer = &external.Message{Headers: answered(response.Header)}
	if response.StatusCode >= 200 {
		// Else what follows is another protocol, which may be silent as long as it likes.
		outcome.Answer.Payload = bodyOf(response.Request.Context(), response.Body)
	}
	if _, typed := outcome.Answer.Headers[external.ContentType]; !typed && len(outcome.Answer.Payload) > 0 {
		outcome.Answer.Headers[external.ContentType] = "application/octet-stream"
	}
	return outcome
}

// isPassing reports whether a status says that the same request may have success later.
func isPassing(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500 && status <= 599
}

// bodyOf returns the body, nil if it is too large or did not come in whole.
func bodyOf(ctx context.Context, body io.Reader) []byte {
	text, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	// The other end may end its answer properly because it is told that its time is over.
	if err != nil || ctx.Err() != nil {
		return nil
	}
	if len(text) > maxAnswer {
		_, _ = io.CopyN(io.Discard, body, maxDrained)
		return nil
	}
	return text
}

// answered returns the headers of an answer that say something to others than the two ends of its connection.
func answered(header http.Header) external.Headers {
	headers := make(external.Headers, len(header))
	for name, values := range header {
		switch name {
		case "Connection", "Keep-Alive", "Transfer-Encoding", "Trailer", "Upgrade", "Content-Length", "Set-Cookie", "Set-Cookie2",
			"Proxy-Authenticate", "Proxy-Connection", "Www-Authenticate", "Alt-Svc":
			continue
		}
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return headers
}

// retryAfter reads how long to wait: seconds, or a date. RFC 9110, section 10.2.3.
func retryAfter(value string, now time.Time) time.Duration {
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, maxRetryAfter)
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now), 0), maxRetryAfter)
}
