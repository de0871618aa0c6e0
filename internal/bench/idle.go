package bench

import (
	"context"
	"time"
)

// hold holds sessions that have subscribed, and asks each of them at the end whether it is still there. What a session costs the
// server is told if anything tells what it uses.
func hold(ctx context.Context, b *Bench, _ string) (*Result, error) {
	n := b.Parameters.Connections
	empty := b.usage(ctx)
	lanes, err := openAll(ctx, b.idler, n)
	defer closeAll(lanes)
	if err != nil {
		return nil, err
	}
	full := b.usage(ctx)
	began := time.Now()
	b.wait(ctx, time.Duration(b.Parameters.Duration))
	held, figures := time.Since(began), map[string]float64{}
	if after := b.usage(context.WithoutCancel(ctx)); empty != nil && full != nil && after != nil {
		figures["server_bytes_per_session"] = float64(after.Memory-empty.Memory) / float64(n)
		figures["server_processors"] = (after.CPU - full.CPU).Seconds() / held.Seconds()
	}
	figures["held_seconds"] = held.Seconds()
	cut := ctx.Err() != nil
	l := Load{Lanes: n, Window: 1, Operations: n}
	m := drive(context.WithoutCancel(ctx), lanes, l, nil)
	m.Cut = m.Cut || cut
	l.meter = &meter{before: empty, after: b.usage(context.WithoutCancel(ctx))} // opening them is what they cost
	return &Result{Measured: m, Load: l, Unit: openings, Figures: figures}, nil
}

// wait lets time pass, and tells of it.
func (b *Bench) wait(ctx context.Context, d time.Duration) {
	ctx, stop := context.WithTimeout(ctx, d)
	defer stop()
	start, ticker := time.Now(), time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			if tell := b.progress("idle"); tell != nil {
				tell(Progress{Elapsed: now.Sub(start), Of: d, Warm: true})
			}
		}
	}
}

// idler is a lane on which nothing happens but that its session is asked whether it is there.
type idler struct {
	*session
	question []byte
	answers  chan struct{}
	gone     chan struct{} // closed when the session has ended
	why      error
}

// idler opens a lane that is subscribed to a namespace in which nothing happens.
func (b *Bench) idler(ctx context.Context, _ int) (Lane, error) {
	s, err := b.Endpoint.session(ctx, waiting)
	if err != nil {
		return nil, err
	}
	const what = "START-SEND-EVENTS"
	parameters := "?namespaces=" + b.stock.namespace + ".idle"
	if err := s.subscribe(ctx, what, parameters); err != nil {
		_ = s.Close() // it is of no use
		return nil, err
	}
	i := &idler{session: s, question: []byte(what + parameters), answers: make(chan struct{}, 1), gone: make(chan struct{})}
	go i.listen() // ends with the session
	return i, nil
}

func (i *idler) listen() {
	defer close(i.gone)
	for {
		if _, i.why = i.next(); i.why != nil {
			return
		}
		select {
		case i.answers <- struct{}{}:
		default: // nobody has asked
		}
	}
}

// Send implements Lane: subscribing once more changes nothing, and is answered.
func (i *idler) Send(Op) error { return i.send(i.question, false) }

// Receive implements Lane.
func (i *idler) Receive() (Outcome, error) {
	select {
	case <-i.answers:
		return Outcome{}, nil
	case <-i.gone:
		return Outcome{}, i.why
	}
}
