package rest

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Integrator performs what the bearers of tokens want of policies for those who act on their behalf. There are no envelopes for
// that.
type Integrator interface {
	// Integrate adds subjects to a policy, or removes them. The envelope is that of a modification of the policy, or an entry
	// of it. It is answered as one is that a Handler takes.
	Integrate(ctx context.Context, from exchange.Requester, env *protocol.Envelope, activate bool, bearer policy.Bearer)
}

// activateToken and deactivateToken answer with what becomes of an action on a policy, or on one of its entries.
func activateToken(q *request) *answer   { return q.integrate(true) }
func deactivateToken(q *request) *answer { return q.integrate(false) }

// integrate performs an action.
//
// Protocol rule: it needs no body. One that adds subjects may say what is announced to them.
func (q *request) integrate(activate bool) *answer {
	env := q.envelope(protocol.Policies, q.segments[1], protocol.Modify)
	env.Path = "/"
	if q.segments[2] == "entries" {
		env.Path = "/entries/" + q.segments[3]
	}
	if activate {
		var err *protocol.Error
		if env.Value, err = q.optionalJSON(); err != nil {
			return refusal(err)
		}
	}
	return q.ask(env, func(ctx context.Context, from exchange.Requester, env *protocol.Envelope) {
		q.server.options.Integrator.Integrate(ctx, from, env, activate, q.bearer())
	})
}

// bearer returns what is known of who has a token. Without one there are no claims.
func (q *request) bearer() policy.Bearer {
	return policy.Bearer{Claims: q.who.Claims, Expires: q.who.Expires}
}
