package bench

import (
	"bytes"
	"context"
	"fmt"
	"sync"
)

// withDevices opens lanes each of which has a device beside it, that answers its messages.
func (b *Bench) withDevices(open Opener) Opener {
	return func(ctx context.Context, number int) (Lane, error) {
		d, err := b.device(ctx, number)
		if err != nil {
			return nil, err
		}
		lane, err := open(ctx, number)
		if err != nil {
			d.close()
			return nil, err
		}
		a := &accompanied{Lane: lane, device: d}
		a.watching.Go(a.watch)
		return a, nil
	}
}

// accompanied is a lane with a device.
type accompanied struct {
	Lane
	device   *device
	watching sync.WaitGroup
}

// watch ends the lane with its device, for whose answers it would wait in vain.
func (a *accompanied) watch() {
	<-a.device.gone
	_ = a.Lane.Close() // nothing is lost by it
}

// Receive implements Lane. When the device has ended the error says why.
func (a *accompanied) Receive() (Outcome, error) {
	o, err := a.Lane.Receive()
	if err == nil {
		return o, nil
	}
	select {
	case <-a.device.gone:
		return o, fmt.Errorf("the device that answers: %w", a.device.why)
	default:
		return o, err
	}
}

// Close implements Lane, and ends the device with it.
func (a *accompanied) Close() error {
	err := a.Lane.Close()
	a.device.close()
	a.watching.Wait()
	return err
}

// device is a session that answers messages.
type device struct {
	*session
	gone chan struct{} // closed when it has ended
	why  error
}

func (b *Bench) device(ctx context.Context, number int) (*device, error) {
	s, err := b.Endpoint.session(ctx, busy)
	if err != nil {
		return nil, err
	}
	d := &device{session: s, gone: make(chan struct{})}
	if err := d.subscribe(ctx, "START-SEND-MESSAGES", "?namespaces="+b.stock.deviceNamespace(number)); err != nil {
		_ = d.Close() // it is of no use
		return nil, err
	}
	go func() {
		defer close(d.gone)
		d.why = d.answer(b.stock, number)
	}()
	return d, nil
}

// answer answers messages until the session ends, and returns why it did.
func (d *device) answer(s *stock, number int) error {
	var reply []byte
	for {
		text, err := d.next()
		if err != nil {
			return err
		}
		reply = s.answerOf(reply[:0], number, correlationID(text))
		if err := d.send(reply, true); err != nil {
			return err
		}
	}
}

func (d *device) close() {
	_ = d.Close() // nothing is lost by it
	<-d.gone
}

// subscribe asks for signals, and waits until it is told that they will come.
func (s *session) subscribe(ctx context.Context, what, parameters string) error {
	err := s.within(ctx, func() error {
		if err := s.send([]byte(what+parameters), false); err != nil {
			return err
		}
		text, err := s.next()
		if err == nil && !bytes.Equal(text, []byte(what+":ACK")) {
			err = fmt.Errorf("it is answered %.300s", text)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s%s: %w", what, parameters, err)
	}
	return nil
}
