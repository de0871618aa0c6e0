package httppush

import (
	"errors"
	"net/http"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

const authorization = "Authorization"

// authorize adds to a request what proves whose it is. What the message says of that does not count then.
//
// Errors: *link.Refusal for credentials that cannot be used.
func (c *client) authorize(request *http.Request, body []byte, by *snapshot.Credentials, token link.Token) error {
	switch {
	case by == nil || by.ClientCertificate != nil:
		return nil
	case by.Basic != nil:
		request.SetBasicAuth(string(by.Basic.Username), string(by.Basic.Password))
		return nil
	case by.HMAC != nil:
		return sign(request, body, by.HMAC, c.clock().UTC())
	}
	if token.Text == "" || !isValue(string(token.Text)) {
		return &link.Refusal{Cause: errors.New("the token is not one that HTTP can carry")}
	}
	request.Header.Set(authorization, "Bearer "+string(token.Text))
	return nil
}
