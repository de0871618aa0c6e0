package twin

import (
	"errors"
	"slices"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// open opens a wait for the acknowledgements that are the answer to the command, if they are. That comes before the engine, which
// tells of the change those who are to acknowledge it. The error is too.many.requests.
func (c *command) open() (err *protocol.Error) {
	if c.Plan.Reply != ack.Aggregate {
		return nil
	}
	waiting := c.Waiting()
	id, _ := waiting.Headers.String(protocol.HeaderCorrelationID)
	c.wait, err = c.service.broker.Open(c.From.Party(), broker.Terms{
		Plan: c.Plan, Received: c.Received(), ThingID: c.thing.ID, Channel: protocol.Twin, CorrelationID: id, Size: waiting.Headers.Size(),
		Done: func(r ack.Result, _ any) { waiting.Settle(r, protocol.Twin, nil, 0) },
	})
	return err
}

// acknowledge says what has become of the command to whoever waits for that among other things.
//
// A command whose time is up may still be executed. That is when the wait is over, too, and says what is missing.
func (c *command) acknowledge(err error) {
	switch {
	case errors.Is(err, engine.ErrTimeout):
	case err != nil:
		c.wait.Fail(errorOf(err, c.thing.ID, c.Plan.Wait))
	case c.failure != nil:
		c.wait.Fail(c.failure)
	default:
		c.acknowledgeSuccess()
	}
	c.From.NoReply()
}

// acknowledgeSuccess gives the acknowledgements of the server. Protocol rule: nobody is told that the thing was stored who has
// not asked for that.
//
// What is stored can be found: the index is part of the same commit. Whatever succeeds has an event, behind which those are
// acknowledged for who did not receive it.
func (c *command) acknowledgeSuccess() {
	if slices.Contains(c.Plan.Labels, protocol.LabelSearchPersisted) {
		c.wait.Put(ack.SearchPersisted())
	}
	if slices.Contains(c.Plan.Labels, protocol.LabelTwinPersisted) {
		response := c.Response(exchange.Result(c.outcome.Response))
		c.wait.Put(ack.TwinPersisted(&response))
	}
}
