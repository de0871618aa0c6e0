package gateway

import "errors"

// Close ends the gateway: it aborts the sessions there still are, finishes the
// commands that were accepted, makes them durable and releases everything.
// Call Drain before it to be polite. A second Close does nothing.
func (g *Gateway) Close() (err error) {
	g.closing.Do(func() {
		g.service.close()
		g.draining.Store(true)
		g.sessions.Refuse()
		g.rest.Close()
		err = errors.Join(g.public.close(), g.release())
	})
	return err
}

// release ends what was started, outside in. It copes with a start that
// failed half-way.
func (g *Gateway) release() error {
	var errs []error
	if g.stop != nil {
		g.stop()
	}
	if g.port != nil {
		g.port.End()
	}
	if g.management != nil {
		errs = append(errs, g.management.close())
	}
	if g.sessions != nil {
		g.sessions.Close()
	}
	if g.rest != nil {
		g.rest.Close()
		g.rest.Wait()
	}
	if g.connectivity != nil {
		g.connectivity.Close()
	}
	g.background.Wait()
	if g.engine != nil {
		g.engine.Close()
	}
	// Behind who asks, and who publishes.
	if g.broker != nil {
		g.broker.Close()
	}
	if g.authentication != nil {
		g.authentication.close()
	}
	if g.admin != nil {
		errs = append(errs, g.admin.close())
	}
	if g.store != nil {
		errs = append(errs, g.store.Close())
	}
	return errors.Join(errs...)
}
