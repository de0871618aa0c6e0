package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// creating is how many things are being created at once, all by one session. So of things of which one exists, only the last so many
// before it may be missing.
const creating = 256

// prepareThings creates the things that do not exist.
func (b *Bench) prepareThings(ctx context.Context) error {
	there := 0
	err := b.probe(ctx, func(p *probe) (err error) {
		there, err = p.count(ctx, b.stock.things)
		return err
	})
	if err != nil {
		return fmt.Errorf("look which things exist: %w", err)
	}
	if there < b.stock.things {
		if err := b.create(ctx, create, max(0, there-creating), b.stock.things, "things"); err != nil {
			return err
		}
	}
	return b.probe(ctx, func(p *probe) error { return p.check(ctx) })
}

// prepareDevices creates the things of devices that do not exist.
func (b *Bench) prepareDevices(ctx context.Context, n int) error {
	return b.create(ctx, createDevice, 0, n, "devices")
}

// create creates the things with numbers of a range.
func (b *Bench) create(ctx context.Context, k kind, from, upto int, what string) error {
	l := Load{Lanes: 1, Window: creating, Operations: upto - from}
	m, err := Run(ctx, untilOneFails(b.Endpoint.sessions(b.stock, inOrder(k, from, 1))), l, b.progress("create "+what))
	switch {
	case err != nil:
		return fmt.Errorf("create %s: %w", what, err)
	case ctx.Err() != nil:
		return fmt.Errorf("create %s: %w", what, context.Canceled)
	case len(m.Broken) > 0:
		return fmt.Errorf("create %s: %w", what, m.Broken[0])
	case m.Failed() > 0:
		return fmt.Errorf("create %s: %s", what, describeFailures(m.Failures))
	}
	return nil
}

// untilOneFails opens lanes that end with the first operation that fails. So nothing is created far behind what is missing.
func untilOneFails(open Opener) Opener {
	return func(ctx context.Context, number int) (Lane, error) {
		lane, err := open(ctx, number)
		if err != nil {
			return nil, err
		}
		return strict{lane}, nil
	}
}

// strict is a lane on which everything succeeds, or nothing follows.
type strict struct{ Lane }

// Receive implements Lane.
func (s strict) Receive() (Outcome, error) {
	o, err := s.Lane.Receive()
	if err == nil && o.Failure != "" {
		err = errors.New(o.Failure)
	}
	return o, err
}

// describeFailures lists failures, the most frequent first.
func describeFailures(failures map[string]int64) string {
	var parts []string
	for _, why := range mostFrequent(failures) {
		parts = append(parts, fmt.Sprintf("%d × %s", failures[why], why))
	}
	return strings.Join(parts, ", ")
}

// mostFrequent returns what is counted, the most frequent first.
func mostFrequent(counts map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
}

// probe retrieves things one by one.
type probe struct {
	*session
	stock *stock
	asked int
}

// probe does something with a session that is there as long as that takes: one that is not read answers no pings.
func (b *Bench) probe(ctx context.Context, do func(*probe) error) error {
	s, err := b.Endpoint.session(ctx, waiting)
	if err != nil {
		return err
	}
	defer s.Close() //nolint:errcheck // nothing is lost by it
	return do(&probe{session: s, stock: b.stock})
}

// get retrieves a thing, and returns its status with the answer.
func (p *probe) get(ctx context.Context, at int) (code int, text []byte, err error) {
	p.asked++
	err = p.within(ctx, func() error {
		if err := p.send(p.stock.envelope(nil, task{kind: read, at: at}, 0, p.asked), false); err != nil {
			return err
		}
		for {
			if text, err = p.next(); err != nil || number(text) == p.asked {
				return err
			}
		}
	})
	return status(text), text, err
}

// count returns how many things exist, which is up to which number they do, by halving.
func (p *probe) count(ctx context.Context, upto int) (int, error) {
	from := 0 // the first from things exist, the one with the number upto does not
	for last := upto - 1; from <= last; {
		middle := last // most often all exist
		if from > 0 || last < upto-1 {
			middle = (from + last) / 2
		}
		code, text, err := p.get(ctx, middle)
		switch {
		case err != nil:
			return 0, err
		case code == 200:
			from = middle + 1
		case code == 404:
			last = middle - 1
		default:
			return 0, errors.New(failure(code, text))
		}
	}
	return from, nil
}

// check says what is wrong with the things, by the first one and the last one.
func (p *probe) check(ctx context.Context) error {
	last := p.stock.things - 1
	if code, text, err := p.get(ctx, last); err != nil || code != 200 {
		return errors.Join(err, fmt.Errorf("reading thing %d, which must be there by now, is answered %s: is there a policy of its name?",
			last, failure(code, text)))
	}
	code, text, err := p.get(ctx, 0)
	switch {
	case err != nil:
		return err
	case code != 200:
		return fmt.Errorf("the things exist, but reading one is answered %s: is their subject another one?", failure(code, text))
	}
	if _, indexed := stringBehind(text, []byte(`"serial":`)); !indexed && !p.stock.plain {
		return errors.New("the things that exist are plain ones: take another namespace, or say --plain")
	}
	return nil
}
