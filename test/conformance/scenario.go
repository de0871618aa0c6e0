package conformance

// Scenario is one named story of clients and a server.
type Scenario struct {
	// File is the path of the file, Line the line of the title in it.
	File string
	Line int
	// Name is the title, unique in its file.
	Name  string
	steps []step
}

// A step is one statement of a scenario.
type step struct {
	line int
	act  action
}

// action is what a step does. It returns a failed expectation as error.
type action interface {
	play(st *stage) error
}

// connect opens a session. A refused handshake is kept for the step refused.
type connect struct {
	session string
	to      endpoint
}

// watch subscribes a session for the twin events of the scenario.
type watch struct {
	session string
	to      endpoint
}

// thing makes a thing, on a session of its own.
type thing struct {
	name, value string
}

// policy makes a policy, on the session that makes things.
type policy struct {
	name, value string
}

// send sends a text as it is written in the scenario, a JSON object or a control message.
type send struct {
	session, text string
	json          bool
}

// sendRaw sends any bytes.
type sendRaw struct {
	session, bytes string
	binary         bool
}

// expect wants frames to come next: one, or several in any order.
type expect struct {
	session  string
	patterns []pattern
	anyOrder bool
}

// nothing wants no frame to have come.
type nothing struct {
	session string
}

// refused wants the handshake to have failed.
type refused struct {
	session string
	status  int
	body    pattern
}

// closes wants the server to close the session; code 0 means any.
type closes struct {
	session string
	code    int
}

// leaves closes the session from the client's side.
type leaves struct {
	session string
}
