package pubsub

import "github.com/twinway/twinway/internal/gateway/wire"

// request is a view of signals with accounts, together with what those are asked
// who have it. In the views of a batch it stands for the view of the body; equal
// ones are the same pointer, so that who sees and is asked the same shares frames.
type request struct {
	view     View
	delivery Delivery
}

// requests are those of a batch.
type requests map[requestKey]*request

type requestKey struct {
	view     View
	delivery deliveryKey
}

// request returns what stands for a view that the audience has of the signal.
// Who is not given it is asked nothing.
func (b *batch) request(signal int, a *Audience, v View) View {
	if v == nil || v == Filtered {
		return v
	}
	if _, other := v.(Substitute); other {
		return v
	}
	d := b.signals[signal].Account.Asked(a)
	key := requestKey{v, d.key()}
	r := b.requests[key]
	if r == nil {
		if b.requests == nil {
			b.requests = requests{}
		}
		r = &request{view: v, delivery: d}
		b.requests[key] = r
	}
	return r
}

// rewording is a frame of an edition in other words.
type rewording struct {
	frame    int
	delivery Delivery
}

// give tells the accounts that the subscriber is given their signals, and returns
// what it is asked in other words than the edition has, in the order of its frames.
func (e *edition) give(s Subscriber) (own []rewording) {
	if !e.asks {
		return nil
	}
	for frame, i := range e.told {
		r, ok := e.views[i].(*request)
		if !ok || caused(e.signals[i].Origin, s) {
			continue
		}
		if d := e.signals[i].Account.Give(s, r.delivery); !d.equal(&r.delivery) {
			own = append(own, rewording{frame, d})
		}
	}
	return own
}

// reworded returns the edition as a subscriber receives it who is asked in words
// of its own.
func (e *edition) reworded(s Subscriber, own []rewording) wire.Burst {
	burst := wire.NewBurst(len(e.told), len(e.burst.Bytes())/len(e.told))
	for frame, i := range e.told {
		signal := e.signals[i]
		switch {
		case caused(signal.Origin, s):
		case len(own) > 0 && own[0].frame == frame:
			addRequest(&burst, signal.Body, e.views[i].(*request).view, &own[0].delivery)
			own = own[1:]
		default:
			burst.AddFrame(e.burst.Frame(frame))
		}
	}
	return burst
}
