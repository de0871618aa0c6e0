package dittows

import (
	"context"
	"sync"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// New returns the kind for one connection.
func New() link.Kind { return newKind(defaults()) }

// kind is a connection over all of its clients.
type kind struct {
	settings settings
	memory   *memory

	mu     sync.Mutex
	config link.Config // of the last Dial
	tokens *link.Tokens
	// whose is what the memory is of.
	whose identity
}

// identity is who is known at which other end. Somebody else may see other things there, and another end has others.
type identity struct {
	uri  string
	user snapshot.SecretContent
}

func identityOf(config link.Config) identity {
	i := identity{uri: config.Connection.URI}
	switch c := config.Current().Credentials; {
	case c == nil:
	case c.Basic != nil:
		i.user = c.Basic.Username
	case c.OAuth2 != nil:
		i.user = c.OAuth2.ClientID
	}
	return i
}

func newKind(s settings) *kind { return &kind{settings: s, memory: newMemory(s.things)} }

// Dial implements link.Kind. Its clients implement link.Asker.
func (k *kind) Dial(ctx context.Context, config link.Config) (link.Client, error) {
	h := handshake{config: config, tokens: k.use(config)}
	if err := h.do(ctx); err != nil {
		return nil, err
	}
	h.ws.SetReadLimit(k.settings.readLimit)
	return newClient(k, &h), nil
}

// use returns the tokens for a client, which outlive it.
func (k *kind) use(config link.Config) *link.Tokens {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.config = config
	if whose := identityOf(config); whose != k.whose {
		k.memory.forget()
		k.whose = whose
	}
	if k.tokens == nil {
		k.tokens = link.NewTokens(k.current, config.Clock)
	}
	return k.tokens
}

func (k *kind) current() *snapshot.Connection {
	k.mu.Lock()
	current := k.config.Current
	k.mu.Unlock()
	return current()
}
