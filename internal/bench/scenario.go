package bench

import "context"

// Scenario is something that is measured.
type Scenario struct {
	Name, Description string
	// Over is over what it can be done.
	Over  []string
	needs needs
	run   func(ctx context.Context, b *Bench, over string) (*Result, error)
}

// needs are what has to be there for a scenario.
type needs struct{ things, serials, devices bool }

// Result is what came of a scenario.
type Result struct {
	*Measured
	Load Load
	// Unit is what was counted.
	Unit string
	// Figures are other ones that belong to the scenario, by names that say their unit.
	Figures map[string]float64
}

// Scenarios are all of them, in the order in which they are run.
var Scenarios = []*Scenario{
	{"warmup", "every thing is read once", both, needs{things: true}, readOnce},
	{"read", "things are read by their id", both, needs{things: true}, doing(read)},
	{"search-id", "things are searched for by their id", both, needs{things: true}, doing(searchID)},
	{"search-attribute", "things are searched for by an attribute that is different for each", both, needs{things: true, serials: true}, doing(searchAttribute)},
	{"search-page", "the first 25 of a hundredth of the things, sorted by an attribute", both, needs{things: true, serials: true}, doing(searchPage)},
	{"modify", "a property of a thing is changed", both, needs{things: true}, doing(modify)},
	{"live", "messages to devices are answered by them", both, needs{devices: true}, converse},
	{"mixed", "reads, changes, searches and messages, as --mix says", both, needs{things: true, devices: true}, mingle},
	{"fanout", "the events of one thing are delivered to many subscribers", sessionsOnly, needs{}, fanOut},
	{"idle", "sessions are held that are subscribed, and do nothing", sessionsOnly, needs{}, hold},
	{"storm", "sessions are opened", sessionsOnly, needs{}, storm},
}

var (
	both         = []string{WebSocket, HTTP}
	sessionsOnly = []string{WebSocket}
)

// Units of what is counted.
const (
	operations = "operations"
	deliveries = "deliveries"
	openings   = "sessions"
)

// among is of how many things those are that are read and changed.
func (b *Bench) among() int {
	if b.Parameters.Warm > 0 {
		return b.Parameters.Warm
	}
	return b.Parameters.Things
}

// readOnce reads every thing once.
func readOnce(ctx context.Context, b *Bench, over string) (*Result, error) {
	l := b.Parameters.load(over)
	l.Operations, l.Warmup, l.Duration = b.among(), 0, 0
	return b.apply(ctx, "warmup", over, l, b.Endpoint.lanes(over, b.stock, inOrder(read, 0, l.Lanes)))
}

// doing does one kind of operations.
func doing(k kind) func(ctx context.Context, b *Bench, over string) (*Result, error) {
	return func(ctx context.Context, b *Bench, over string) (*Result, error) {
		return b.apply(ctx, k.String(), over, b.Parameters.load(over), b.Endpoint.lanes(over, b.stock, b.stock.on(k, b.among())))
	}
}

// converse sends messages to devices, one for each lane.
func converse(ctx context.Context, b *Bench, over string) (*Result, error) {
	return b.apply(ctx, "live", over, b.Parameters.load(over), b.withDevices(b.Endpoint.lanes(over, b.stock, toDevice)))
}

// mingle does operations of several kinds.
func mingle(ctx context.Context, b *Bench, over string) (*Result, error) {
	mixed := b.stock.mixed(b.Parameters.Mix, b.among())
	return b.apply(ctx, "mixed", over, b.Parameters.load(over), b.withDevices(b.Endpoint.lanes(over, b.stock, mixed)))
}

func (b *Bench) apply(ctx context.Context, name, over string, l Load, open Opener) (*Result, error) {
	l.meter = b.meter()
	m, err := Run(ctx, open, l, b.progress(name+" over "+over))
	if err != nil {
		return nil, err
	}
	return &Result{Measured: m, Load: l, Unit: operations}, nil
}
