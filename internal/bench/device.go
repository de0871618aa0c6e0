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
		return &accompanied{lane, d}, nil
	}
}

// accompanied is a lane with a device.
type accompanied struct {
	Lane
	device *device
}

// Close implements Lane, and ends the device with it.
func (a *accompanied) Close() error {
	err := a.Lane.Close()
	a.device.close()
	return err
}

// device is a session that answers messages.
type device struct {
	*session
	ended sync.WaitGroup
}

func (b *Bench) device(ctx context.Context, number int) (*device, error) {
	s, err := b.Endpoint.session(ctx, busy)
	if err != nil {
		return nil, err
	}
	d := &device{session: s}
	if err := d.subscribe("START-SEND-MESSAGES", "?namespaces="+b.stock.deviceNamespace(number)); err != nil {
		d.close()
		return nil, err
	}
	d.ended.Go(func() { d.answer(b.stock, number) })
	return d, nil
}

// answer answers messages until the session ends. An answer that does not come is what the lane waits for in vain.
func (d *device) answer(s *stock, number int) {
	var reply []byte
	for {
		text, err := d.next()
		if err != nil {
			return
		}
		reply = s.answerOf(reply[:0], number, correlationID(text))
		if d.send(reply, true) != nil {
			return
		}
	}
}

func (d *device) close() {
	_ = d.Close() // nothing is lost by it
	d.ended.Wait()
}

// subscribe asks for signals, and waits until it is told that they will come.
func (s *session) subscribe(what, parameters string) error {
	if err := s.send([]byte(what+parameters), false); err != nil {
		return err
	}
	text, err := s.next()
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if !bytes.Equal(text, []byte(what+":ACK")) {
		return fmt.Errorf("%s%s is answered %.300s", what, parameters, text)
	}
	return nil
}
