package bench

import (
	"fmt"
	"regexp"
	"time"
)

// Transports that scenarios run over.
const (
	WebSocket = "ws"
	HTTP      = "http"
)

// Parameters are what runs are made of, and what is needed to do them again. Those of which a scenario has no use do not matter to it.
type Parameters struct {
	// Things is how many things there are to read, change and find, and Warm how many of them, from the first on, are read and
	// changed; 0: all.
	Things int `json:"things"`
	Warm   int `json:"warm,omitempty"`
	// Namespace is where the things are, and Subject who may do everything with them.
	Namespace string `json:"namespace"`
	Subject   string `json:"subject"`
	// Plain things are those of the reference's template and nothing else, of which none can be found by an attribute of its own.
	Plain bool `json:"plain,omitempty"`
	// Sessions is how many connections ask, and Window how much is under way on each; over HTTP that is one.
	Sessions int `json:"sessions"`
	Window   int `json:"window"`
	// Rate is how much is asked in a second by all connections together, 0: as much as is answered.
	Rate float64 `json:"rate,omitempty"`
	// Warmup is for how long things are done that do not count, and Duration for how long they do.
	Warmup   Span `json:"warmup"`
	Duration Span `json:"duration"`
	// Repeat is how often everything is done.
	Repeat int `json:"repeat"`
	// Subscribers is how many sessions receive what fanout changes, and Views how many different filters they have; 1: none has one.
	Subscribers int `json:"subscribers"`
	Views       int `json:"views"`
	// Connections is how many sessions idle holds, and storm opens.
	Connections int `json:"connections"`
	// Mix is of what mixed is made.
	Mix Mix `json:"mix"`
}

// Defaults returns the parameters that nobody has changed.
func Defaults() Parameters {
	return Parameters{
		Things: 1000, Namespace: "org.eclipse.ditto", Sessions: 50, Window: 16, Warmup: Span(2 * time.Second), Duration: Span(10 * time.Second),
		Repeat: 1, Subscribers: 100, Views: 1, Connections: 1000, Mix: Mix{Read: 60, Modify: 30, Search: 5, Message: 5},
	}
}

// namespaces is which are possible, with room for what is appended to them.
var namespaces = regexp.MustCompile(`^[a-zA-Z]\w*(\.[a-zA-Z]\w*)*$`)

// Check says what is wrong with the parameters, by the names of their flags.
func (p Parameters) Check() error {
	for _, bound := range []struct {
		flag              string
		value, from, upto int
	}{
		{"things", p.Things, 1, 100_000_000}, {"warm", p.Warm, 0, p.Things}, {"sessions", p.Sessions, 1, 10_000},
		{"window", p.Window, 1, 4096}, {"repeat", p.Repeat, 1, 1000}, {"subscribers", p.Subscribers, 1, 100_000},
		{"views", p.Views, 1, p.Subscribers}, {"connections", p.Connections, 1, 1_000_000},
	} {
		if bound.value < bound.from || bound.value > bound.upto {
			return fmt.Errorf("--%s: %d is not from %d to %d", bound.flag, bound.value, bound.from, bound.upto)
		}
	}
	switch {
	case p.Rate != 0 && !(p.Rate >= 0.001 && p.Rate <= 10_000_000): // which no NaN is
		return fmt.Errorf("--rate: %g is not from 0.001 to 10,000,000, or 0", p.Rate)
	case p.Warmup < 0 || p.Warmup > Span(time.Hour):
		return fmt.Errorf("--warmup: %v is not from 0s to an hour", p.Warmup)
	case p.Duration <= 0 || p.Duration > Span(24*time.Hour):
		return fmt.Errorf("--duration: %v is not above 0s and up to a day", p.Duration)
	case !namespaces.MatchString(p.Namespace) || len(p.Namespace) > 200:
		return fmt.Errorf("--namespace: %q is none", p.Namespace)
	case p.Subject == "" || !isPlainText(p.Subject):
		return fmt.Errorf("--subject: %q is none", p.Subject)
	}
	return p.Mix.check()
}

// isPlainText reports whether a text can stand in JSON as it is.
func isPlainText(text string) bool {
	for _, r := range text {
		if r < ' ' || r == '"' || r == '\\' {
			return false
		}
	}
	return true
}

// load returns the load of a scenario over a transport.
func (p Parameters) load(over string) Load {
	l := Load{Lanes: p.Sessions, Window: p.Window, Rate: p.Rate, Warmup: time.Duration(p.Warmup), Duration: time.Duration(p.Duration)}
	if over == HTTP {
		l.Window = 1 // HTTP/1.1 answers in the order of requests, and pipelining is not done
	}
	return l
}
