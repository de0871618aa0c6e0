package rest

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/live"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// answerOfDevice returns what somebody else has answered: to a message, with a payload of any type, or to a live command.
func answerOfDevice(e exchange.Envelope) *answer {
	said, ok := e.(*live.Answer)
	if !ok {
		return refusal(protocol.ErrInternal())
	}
	a := &answer{status: finalStatus(said.Status()), created: said.Message == nil && said.Status() == http.StatusCreated}
	headers := said.Headers()
	a.body, a.media = bytes.Clone(said.Value), mediaJSON
	if said.Message != nil {
		media, _ := headers.String(protocol.HeaderContentType)
		a.payload(media, a.body)
	}
	a.show(&headers)
	a.bodiless()
	return a
}

// bodiless takes the body away that somebody else has given an answer whose status has none (RFC 9110, section 6.4.1).
func (a *answer) bodiless() {
	switch a.status {
	case http.StatusNoContent, http.StatusResetContent, http.StatusNotModified:
		a.body = nil
	}
}

// payload sets the body to what a payload of somebody else stands for. It must not become anything else in a browser than it
// says it is, nor, if that is a page, act there as the gateway's own, with what the user may do.
func (a *answer) payload(media string, value []byte) {
	a.body, a.media = live.RawPayload(media, value)
	if !printable(a.media) {
		a.media = mediaUnknown
	}
	a.header("x-content-type-options", "nosniff")
	if a.media != "" && a.media != mediaJSON && a.media != mediaUnknown {
		a.header("content-security-policy", "default-src 'none'; sandbox")
	}
}

// finalStatus returns a status of somebody else as one that can end a response.
//
// Protocol rule: 502 is not for devices to say, it becomes 200. So does what announces that something else follows.
func finalStatus(status int) int {
	if status < http.StatusOK || status == http.StatusBadGateway {
		return http.StatusOK
	}
	return status
}

// Bounds of what somebody else may add to the headers of a response. What is beyond is left out.
const (
	maxShown      = 64
	maxShownBytes = 16 << 10
)

// show adds headers of somebody else, as far as they mean something to the client, and nothing to what is between.
func (a *answer) show(h *protocol.Headers) {
	left, room := maxShown, maxShownBytes
	for name, text := range h.AllShown() {
		name = strings.ToLower(name)
		if room -= len(name) + len(text); room < 0 || left == 0 {
			return
		}
		if !showable(name) || !printable(text) || name == "location" && a.status/100 == 3 {
			continue
		}
		left--
		a.header(name, text)
	}
}

// ownHeaders are those of HTTP that are for the gateway to say, or say something of the connection to it, and those of the
// protocol that say nothing more in an answer.
var ownHeaders = map[string]bool{
	"age": true, "alt-svc": true, "connection": true, "content-encoding": true, "content-length": true, "content-type": true,
	"date": true, "expires": true, "keep-alive": true, "last-modified": true, "nel": true, "pragma": true, "refresh": true,
	"report-to": true, "reporting-endpoints": true,
	"server": true, "set-cookie": true, "set-cookie2": true, "sourcemap": true, "te": true, "trailer": true, "transfer-encoding": true,
	"upgrade": true, "vary": true, "via": true, "www-authenticate": true, "link": true, "retry-after": true, "allow": true,
	"clear-site-data": true, "strict-transport-security": true, "x-content-type-options": true, "x-frame-options": true,
	"correlation-id": true, "response-required": true, "requested-acks": true,
}

// ownFamilies are what the names of more of those begin with, and of orders to proxies between: to send a file of their own in place
// of the answer, to keep it for others, or to take the gateway for ill.
var ownFamilies = []string{
	"access-control-", "content-security-policy", "cross-origin-", "origin-", "permissions-policy", "proxy-", "sec-",
	"cdn-", "surrogate-", "x-accel-", "x-envoy-", "x-lighttpd-", "x-litespeed-", "x-reproxy-", "x-sendfile",
}

// showable reports whether a header of somebody else, whose name is in lower case, is passed on.
func showable(name string) bool {
	if ownHeaders[name] || !isToken(name) {
		return false
	}
	for _, family := range ownFamilies {
		if strings.HasPrefix(name, family) {
			return false
		}
	}
	return true
}

// isToken reports whether text can be the name of a header (RFC 9110, section 5.1).
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return text != ""
}

// printable reports whether text can be the value of a header (RFC 9110, section 5.5).
func printable(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
