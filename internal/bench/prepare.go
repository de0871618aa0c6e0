package bench

import (
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
		there, err = p.count(b.stock.things)
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
	return b.probe(ctx, (*probe).check)
}

// prepareDevices creates the things of devices that do not exist.
func (b *Bench) prepareDevices(ctx context.Context, n int) error {
	return b.create(ctx, createDevice, 0, n, "devices")
}

// create creates the things with numbers of a range.
func (b *Bench) create(ctx context.Context, k kind, from, upto int, what string) error {
	l := Load{Lanes: 1, Window: creating, Operations: upto - from}
	m, err := Run(ctx, b.Endpoint.sessions(b.stock, inOrder(k, from, 1)), l, b.progress("create "+what))
	switch {
	case err != nil:
		return fmt.Errorf("create %s: %w", what, err)
	case m.Cut:
		return fmt.Errorf("create %s: %w", what, context.Canceled)
	case len(m.Broken) > 0:
		return fmt.Errorf("create %s: %w", what, m.Broken[0])
	case m.Failed() > 0:
		return fmt.Errorf("create %s: %s", what, describeFailures(m.Failures))
	}
	return nil
}

// describeFailures lists failures, the most frequent first.
func describeFailures(failures map[string]int64) string {
	var parts []string
	for _, why := range slices.SortedFunc(maps.Keys(failures), func(a, b string) int {
		if failures[a] != failures[b] {
			return int(failures[b] - failures[a])
		}
		return strings.Compare(a, b)
	}) {
		parts = append(parts, fmt.Sprintf("%d × %s", failures[why], why))
	}
	return strings.Join(parts, ", ")
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
func (p *probe) get(at int) (int, []byte, error) {
	p.asked++
	if err := p.send(p.stock.envelope(nil, task{kind: read, at: at}, 0, p.asked), false); err != nil {
		return 0, nil, err
	}
	for {
		text, err := p.next()
		if err != nil || number(text) == p.asked {
			return status(text), text, err
		}
	}
}

// count returns how many things exist, which is up to which number they do, by halving.
func (p *probe) count(upto int) (int, error) {
	from := 0 // the first from things exist, the one with the number upto does not
	for last := upto - 1; from <= last; {
		middle := last // most often all exist
		if from > 0 || last < upto-1 {
			middle = (from + last) / 2
		}
		code, text, err := p.get(middle)
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
func (p *probe) check() error {
	last := p.stock.things - 1
	if code, text, err := p.get(last); err != nil || code != 200 {
		return errors.Join(err, fmt.Errorf("reading thing %d, which must be there by now, is answered %s: is there a policy of its name?",
			last, failure(code, text)))
	}
	code, text, err := p.get(0)
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
