package linktest

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// Config returns what a client is made of whose connection does not change, and who logs nothing.
func Config(connection *snapshot.Connection, consumer link.Consumer) link.Config {
	return link.Config{
		Connection: connection, Current: func() *snapshot.Connection { return connection }, Consumer: consumer,
		Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
	}
}

// Dial opens a client that must come about, and closes it with the test.
func Dial(t testing.TB, kind link.Kind, c link.Config) link.Client {
	t.Helper()
	client, err := Try(t, kind, c)
	if err != nil {
		t.Fatalf("not open: %v", err)
	}
	return client
}

// Try opens a client and closes it with the test, or returns why there is none.
func Try(t testing.TB, kind link.Kind, c link.Config) (link.Client, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Enough)
	defer cancel()
	client, err := kind.Dial(ctx, c)
	if err == nil {
		t.Cleanup(func() { End(client) })
	}
	return client, err
}

// Refused returns why a client cannot be opened, which must not get better by trying again.
func Refused(t testing.TB, kind link.Kind, c link.Config) string {
	t.Helper()
	_, err := Try(t, kind, c)
	if err == nil {
		t.Fatal("dialled")
	}
	if !IsRefusal(err) {
		t.Fatalf("%T is no refusal: %v", err, err)
	}
	return err.Error()
}

// IsRefusal says whether an error will not get better by trying again.
func IsRefusal(err error) bool { return errors.As(err, new(*link.Refusal)) }

// End closes a client politely. It may have been closed before.
func End(client link.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), Enough)
	defer cancel()
	client.Close(ctx)
}

// Publish publishes a message that the client must take, and returns its outcome.
func Publish(t testing.TB, client link.Client, m external.Message, delivery snapshot.DeliveryGuarantee) link.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Enough)
	defer cancel()
	done := make(chan link.Outcome, 2)
	if err := client.Publish(ctx, &m, delivery, func(o link.Outcome) { done <- o }); err != nil {
		t.Fatalf("not published: %v", err)
	}
	select {
	case o := <-done:
		return o
	case <-ctx.Done():
		t.Fatal("no outcome")
		return link.Outcome{}
	}
}
