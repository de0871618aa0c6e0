package mapping

import "github.com/twinway/twinway/internal/gateway/protocol"

// Mirror returns the envelope that repeats at one end what an envelope says has happened at the other, where only commands change
// something: a command for an event of a twin, and for anything of the live channel that envelope itself. It reports false for what
// cannot be repeated.
func Mirror(env *protocol.Envelope) (*protocol.Envelope, bool) { return nil, false }
