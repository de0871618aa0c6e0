package stream

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// wake has work run if there is something to do.
func (s *Set) wake() {
	s.mu.Lock()
	start := !s.working && !s.closed && slices.ContainsFunc(s.open, (*subscription).busy)
	s.working = s.working || start
	s.mu.Unlock()
	if start && !s.options.Go(s.work) {
		s.Close()
	}
}

// work lets subscriptions take turns until none of them has anything to do, or
// nothing can be sent any more.
func (s *Set) work() {
	var element []byte
	for {
		sub, demand, failure := s.take()
		if sub == nil {
			return
		}
		var err error
		if failure != nil {
			err = s.send(sub, protocol.Failed, protocol.SubscriptionSignal{Error: failure})
		} else {
			element, err = s.advance(sub, element, demand)
		}
		if err != nil && sub.ctx.Err() == nil {
			s.Close()
		}
	}
}

// take returns whose turn it is, nil if there is nobody: then it is work's end.
func (s *Set) take() (sub *subscription, demand int64, failure *protocol.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.open, (*subscription).busy)
	if i < 0 {
		s.working = false
		return nil, 0, nil
	}
	sub = s.open[i]
	s.open = append(slices.Delete(s.open, i, i+1), sub)
	sub.asked = sub.failure == nil
	return sub, sub.demand, sub.failure
}

// advance takes a subscription one step further, with a buffer for the element
// that it returns. The error is that of sending.
func (s *Set) advance(sub *subscription, buffer []byte, demand int64) ([]byte, error) {
	element, step, failure := sub.source(sub.ctx, buffer[:0], demand)
	s.answered(sub, step, failure)
	switch {
	case failure != nil:
	case step == Item:
		return element, s.send(sub, protocol.Next, protocol.SubscriptionSignal{Member: s.kind.Member, Item: element})
	case step == End:
		return element, s.send(sub, protocol.Complete, protocol.SubscriptionSignal{})
	}
	return element, nil
}

// answered notes what came of asking a source.
func (s *Set) answered(sub *subscription, step Step, failure *protocol.Error) {
	s.mu.Lock()
	defer s.unlock()
	sub.asked = false
	switch {
	case sub.gone:
		s.drop(sub)
	case failure != nil:
		sub.fail(failure)
	case step == More:
		sub.sated = sub.demand == 0
	}
}

// send tells the client of a subscription, unless that is gone or has failed meanwhile. It
// waits for room.
func (s *Set) send(sub *subscription, action protocol.Action, signal protocol.SubscriptionSignal) error {
	s.mu.Lock()
	if sub.gone || sub.failure != nil && action != protocol.Failed {
		s.mu.Unlock()
		return nil
	}
	signal.ID = sub.id
	latest := sub.latest
	s.mu.Unlock()
	if err := s.options.Send(sub.ctx, latest.frame(action, signal)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.unlock()
	if action != protocol.Next {
		s.remove(sub)
		return nil
	}
	sub.demand--
	sub.heard = s.options.Clock()
	return nil
}
