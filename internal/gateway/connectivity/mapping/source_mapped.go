package mapping

import "github.com/twinway/twinway/internal/gateway/protocol"

// Command is one thing that a message asks for.
type Command struct {
	// Envelope is to be handled like any that a client sends. Its headers are complete.
	Envelope *protocol.Envelope
	// Implicit says that the command creates a thing only if it does not exist: that it does, which 409 and 412 say, is a success
	// of which nobody is told.
	Implicit bool
	// Silent says that the sender wants no answer, whatever the envelope says. An envelope may ask for one nevertheless, so that
	// the acknowledgements that the source asks for are waited for. What is wrong with a message itself is told regardless.
	Silent bool
	// Handed says that the command is done, as far as its message is concerned, when it was handled: at NoReply, unless it was
	// refused before by a Reply or an Answer. That is so where nobody has asked for acknowledgements, and where no response is
	// required: a change of a twin is durable then. What is answered later is for the sender only. Otherwise it is done when it
	// is answered.
	//
	// Failures without a required response show only to a requester who is exchange.Insistent. What is consumed at least once
	// must have one.
	Handed bool
}

// Mapped is what a message has become.
type Mapped struct {
	// Subjects are those on whose authority the commands are done, at least one. They are not modified.
	Subjects []string
	// Commands are to be done in order: none, if the message asks for nothing.
	Commands []Command
	// CorrelationID is that of the message, given or made. It is set also if the message is not taken.
	CorrelationID string
}
