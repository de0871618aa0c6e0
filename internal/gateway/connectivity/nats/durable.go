package nats

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/snapshot"
)

// maxPending is how many messages of a consumer may be unsettled, over all who share it.
const maxPending = 1024

// pullFrom consumes a source at least once: with a durable consumer on each stream that its subjects are in.
func (c *client) pullFrom(ctx context.Context, source *snapshot.Source) error {
	ctx, cancel := context.WithTimeout(ctx, 2*c.times.answer)
	defer cancel()
	streams, err := c.streamsOf(ctx, source)
	if err != nil {
		return err
	}
	for _, stream := range slices.Sorted(maps.Keys(streams)) {
		consumer, err := c.durable(ctx, stream, c.nameOf(source), streams[stream])
		if err != nil {
			return err
		}
		c.pulls = append(c.pulls, newPull(c, source, consumer))
	}
	return nil
}

// streamsOf returns the streams that a source's subjects are in, and which are in each.
func (c *client) streamsOf(ctx context.Context, source *snapshot.Source) (map[string][]string, error) {
	found := map[string][]string{}
	for _, subject := range source.Addresses {
		names := c.stream.StreamNames(ctx, jetstream.WithStreamListSubject(subject))
		some := false
		for name := range names.Name() {
			some = true
			found[name] = append(found[name], subject)
		}
		if err := names.Err(); errors.Is(err, nats.ErrNoResponders) {
			return nil, jetstream.ErrJetStreamNotEnabled // nobody answers to its interface
		} else if err != nil {
			return nil, err
		}
		if !some {
			return nil, refusal("source %s: no stream stores the subject %s: there must be one to consume it at least once",
				source.Name, subject)
		}
	}
	return found, nil
}

// nameOf returns what the consumers of a source are called.
func (c *client) nameOf(source *snapshot.Source) string {
	return c.config.Connection.NATS.Consumer + "-" + source.Name
}

// durable finds or makes a consumer. What of one that there is has been set otherwise stays, but for what is needed here.
func (c *client) durable(ctx context.Context, stream, name string, subjects []string) (jetstream.Consumer, error) {
	there, err := c.stream.Consumer(ctx, stream, name)
	switch {
	case errors.Is(err, jetstream.ErrConsumerNotFound):
		return c.newDurable(ctx, stream, name, subjects)
	case errors.Is(err, jetstream.ErrNotPullConsumer):
		return nil, refusal("the consumer %s of the stream %s is none that can be pulled from", name, stream)
	case err != nil:
		return nil, err
	}
	is := there.CachedInfo().Config
	if is.AckPolicy != jetstream.AckExplicitPolicy {
		return nil, refusal("the consumer %s of the stream %s does not want each message acknowledged", name, stream)
	}
	wanted := is
	filter(&wanted, subjects)
	wanted.AckWait, wanted.MaxDeliver = c.times.ack, -1
	if wanted.AckWait == is.AckWait && wanted.MaxDeliver == is.MaxDeliver && wanted.FilterSubject == is.FilterSubject &&
		slices.Equal(wanted.FilterSubjects, is.FilterSubjects) {
		return there, nil
	}
	return c.stream.UpdateConsumer(ctx, stream, wanted)
}

// newDurable makes a consumer.
func (c *client) newDurable(ctx context.Context, stream, name string, subjects []string) (jetstream.Consumer, error) {
	from, err := c.stream.Stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	config := jetstream.ConsumerConfig{
		Durable: name, Description: "consumed by twinway", AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.times.ack,
		MaxDeliver: -1, MaxAckPending: maxPending, DeliverPolicy: jetstream.DeliverNewPolicy,
	}
	if from.CachedInfo().Config.Retention == jetstream.WorkQueuePolicy {
		config.DeliverPolicy = jetstream.DeliverAllPolicy // it allows no other
	}
	filter(&config, subjects)
	return c.stream.CreateConsumer(ctx, stream, config)
}

// filter says which subjects are consumed. Older servers know only one.
func filter(c *jetstream.ConsumerConfig, subjects []string) {
	if len(subjects) == 1 {
		c.FilterSubject, c.FilterSubjects = subjects[0], nil
		return
	}
	c.FilterSubject, c.FilterSubjects = "", subjects
}
