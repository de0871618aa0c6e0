package push

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/twinway/twinway/internal/management"
)

// refresh asks for the status if it is not known.
func (k *keeper) refresh(ctx context.Context) error {
	if k.status != nil {
		return nil
	}
	err := k.ask(ctx, http.MethodGet, management.PathStatus, nil)
	return wrap("ask for the status", err)
}

// drain takes the pod out of service or puts it back. A pod that is ending stays
// out of service, so what comes of it is not looked at: the next round tries
// again.
func (k *keeper) drain(ctx context.Context, order *order) error {
	if k.status.Draining == order.drain {
		return nil
	}
	if order.drain {
		return wrap("take it out of service", k.ask(ctx, http.MethodPut, management.PathDrain, nil))
	}
	return wrap("put it back in service", k.ask(ctx, http.MethodDelete, management.PathDrain, nil))
}

// send sends the snapshot if the pod has another one and has not refused it.
func (k *keeper) send(ctx context.Context, order *order) error {
	if order.hash == "" || settled(k.status, order.hash) {
		k.loaded()
		return nil
	}
	begun := time.Now()
	data, leave, err := k.load(ctx, order)
	if order.superseded.Err() != nil && err != nil {
		return nil
	}
	if err != nil {
		err = wrap("load the snapshot", err)
		k.unloaded = clean(err.Error())
		return err
	}
	defer leave()
	k.unloaded = ""
	if err := k.ask(ctx, http.MethodPut, management.PathSnapshot, data); err != nil {
		return wrap("send the snapshot", err)
	}
	if !settled(k.status, order.hash) {
		return errors.New("the pod has neither taken over nor refused the snapshot it was sent")
	}
	if k.status.Hash == order.hash {
		k.log.Info("the pod has taken over a snapshot",
			"hash", short(order.hash), "bytes", len(data), "took", time.Since(begun))
	}
	return nil
}

// loaded takes down that no snapshot has to be loaded any more.
func (k *keeper) loaded() {
	if k.unloaded != "" {
		k.unloaded = ""
		k.heard(k.status)
	}
}

// settled says whether there is nothing to be sent: the process has the snapshot
// or will not take it.
func settled(status *management.Status, hash string) bool {
	return status.Hash == hash || status.Refused != nil && status.Refused.Hash == hash
}

// poll returns when the pod has news, when it has had none for a while, or when
// there is a newer order. In that case the connection is given up: the pod owes
// an answer on it, and what is desired is not to wait for that.
func (k *keeper) poll(ctx context.Context, order *order) error {
	order.pause(ctx, time.Until(k.polled.Add(pollPause)))
	waiting, cancel := order.while(ctx, k.options.PollWait+k.options.RequestTimeout)
	defer cancel()
	if order.superseded.Err() != nil || ctx.Err() != nil {
		return nil
	}
	err := k.exchange(waiting, http.MethodGet, management.PathStatus+"?"+k.after().Encode(), nil)
	if order.superseded.Err() != nil && err != nil {
		k.disconnect()
		return nil
	}
	k.polled = time.Now()
	return wrap("wait for the status", err)
}

func (k *keeper) after() url.Values {
	return url.Values{
		management.ParameterAfter: {fmt.Sprintf("%s/%d", k.status.Boot, k.status.Version)},
		management.ParameterWait:  {k.options.PollWait.String()},
	}
}

// ask makes a request that is answered at once.
func (k *keeper) ask(ctx context.Context, method, target string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, k.options.RequestTimeout)
	defer cancel()
	return k.exchange(ctx, method, target, body)
}

// exchange makes a request and takes the answer down.
func (k *keeper) exchange(ctx context.Context, method, target string, body []byte) error {
	answer, err := k.connection.exchange(ctx, method, target, body)
	if err != nil {
		return err
	}
	status, err := answer.status(k.gateway.id)
	if err != nil {
		return err
	}
	k.heard(status)
	return nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
