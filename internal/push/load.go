package push

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// load returns the snapshot of an order, which must not be changed and is given
// back with leave. It ends when the order is superseded.
func (k *keeper) load(ctx context.Context, order *order) (data []byte, leave func(), err error) {
	ctx, cancel := order.while(ctx, k.options.PollWait)
	defer cancel()
	return order.copy.take(ctx, func() ([]byte, func(), error) { return k.fetch(ctx, order) })
}

// fetch loads a snapshot once there is a place for it. What is wrong with a
// store may change from one attempt to the next and name addresses: it is
// logged, and no part of the error.
func (k *keeper) fetch(ctx context.Context, order *order) (data []byte, free func(), err error) {
	free, err = k.shares.take(ctx, k.gateway.id.Namespace)
	if err != nil {
		return nil, nil, plain(err)
	}
	begun := time.Now()
	data, err = order.read(ctx, k.options.RequestTimeout)
	if err == nil {
		return data, free, nil
	}
	free()
	k.log.Debug("the snapshot was not loaded", "hash", short(order.hash), "took", time.Since(begun), "err", clean(err.Error()))
	return nil, nil, errors.New("it cannot be read now")
}

// read reads the snapshot and makes sure that it is the one.
func (o *order) read(ctx context.Context, timeout time.Duration) ([]byte, error) {
	if o.load == nil {
		return nil, errors.New("there is nothing to load it with")
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	data, err := o.load(ctx)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != o.hash {
		return nil, errors.New("what is stored is another snapshot")
	}
	return data, nil
}
