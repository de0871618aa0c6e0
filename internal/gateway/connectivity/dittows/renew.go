package dittows

import (
	"errors"
	"net/url"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// renew shows another token when there is one: because the one that was shown ends soon, or the credentials have changed. Credentials that are
// only shown when a session is opened do not end it when they change.
func (c *client) renew() {
	if c.token() == "" {
		return // protocol rule: a session that was opened without a token cannot be renewed with one
	}
	ticker := time.NewTicker(c.settings.poll)
	defer ticker.Stop()
	for {
		select {
		case <-c.Lost():
			return
		case <-ticker.C:
			c.show()
		}
	}
}

// show sends a token that was not shown. Protocol rule: that is not answered; one that the other end does not take ends the session.
func (c *client) show() {
	token, err := c.tokens.Token(c.ctx)
	if err != nil {
		c.log.Warn("there is no new token for a session", "error", link.Failure(err))
		return
	}
	if token.Text == "" || token.Text == c.token() {
		return
	}
	text := "JWT-TOKEN?jwtToken=" + url.QueryEscape(string(token.Text))
	if c.send(c.ctx, outgoing{text: []byte(text)}) == nil {
		c.shown.Store(token.Text)
	}
}

// token returns the last token that was shown, "" for none.
func (c *client) token() snapshot.SecretContent {
	token, _ := c.shown.Load().(snapshot.SecretContent)
	return token
}

// reject has a token that the other end no longer takes not be shown again, if there may be another.
func (c *client) reject(err error) {
	if _, ok := errors.AsType[*link.Refusal](err); ok && c.token() != "" {
		c.tokens.Reject(c.token())
	}
}
