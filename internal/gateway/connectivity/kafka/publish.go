package kafka

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// producing returns what producers are made with besides what is common. All is written to all replicas in order and once, as far as
// the library can see to it: it costs at-most-once deliveries little.
func producing(t times, c *client) []kgo.Opt {
	return []kgo.Opt{
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordPartitioner(partitioner{kgo.StickyKeyPartitioner(nil)}),
		kgo.MaxBufferedRecords(2 * maxUnderWay), // the window is narrower
		kgo.RecordDeliveryTimeout(t.deliver),
		kgo.UnknownTopicRetries(3),
		kgo.AllowAutoTopicCreation(), // where the cluster does
		kgo.WithHooks(breaks{c.nudge}),
	}
}

// Publish implements link.Client. Both guarantees are the same here.
func (c *client) Publish(
	ctx context.Context, m *external.Message, _ snapshot.DeliveryGuarantee, done func(link.Outcome),
) error {
	record, err := outbound(m)
	if err != nil {
		done(link.Outcome{Status: http.StatusBadRequest, Err: err})
		return nil
	}
	size := weight(record)
	if err := c.window.Enter(ctx, size); err != nil {
		return err
	}
	// The context is none that ends: a message that was sent cannot be called back.
	c.producer.Produce(context.WithoutCancel(ctx), record, func(_ *kgo.Record, err error) {
		done(outcome(err))
		c.window.Leave(size)
	})
	return nil
}

// outbound returns a message as a record.
func outbound(m *external.Message) (*kgo.Record, error) {
	to, err := parseAddress(m.Address)
	if err != nil {
		return nil, err
	}
	record := &kgo.Record{Topic: to.topic, Value: m.Payload, Partition: to.partition}
	key := m.Key
	if to.key != "" {
		key = to.key
	}
	if key != "" {
		record.Key = []byte(key)
	}
	if record.Value == nil {
		record.Value = []byte{} // nil would delete the key from a topic that is compacted
	}
	if len(m.Headers) > 0 {
		record.Headers = make([]kgo.RecordHeader, 0, len(m.Headers))
	}
	for name, value := range m.Headers {
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	return record, nil
}

// weight returns about how much memory a record takes, in bytes.
func weight(r *kgo.Record) int {
	n := len(r.Value) + len(r.Key)
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}

// permanent are errors that the same message would meet again, and their status.
var permanent = map[*kerr.Error]int{
	kerr.MessageTooLarge:            http.StatusRequestEntityTooLarge,
	kerr.RecordListTooLarge:         http.StatusRequestEntityTooLarge,
	kerr.UnknownTopicOrPartition:    http.StatusNotFound,
	kerr.UnknownTopicID:             http.StatusNotFound,
	kerr.TopicAuthorizationFailed:   http.StatusForbidden,
	kerr.ClusterAuthorizationFailed: http.StatusForbidden,
}

// errNoPartition says that an address names a partition that there is not.
var errNoPartition = errors.New("the topic has no such partition")

// outcome returns what an error of producing comes to.
// Protocol rule: 204 for what was written, 4xx for what never will be, 500 for what may be later.
func outcome(err error) link.Outcome {
	if err == nil {
		return link.Outcome{Status: http.StatusNoContent}
	}
	if known := (*kerr.Error)(nil); errors.As(err, &known) {
		if status := permanent[known]; status != 0 {
			return link.Outcome{Status: status, Err: err}
		}
		if !known.Retriable && denials[known] == "" {
			return link.Outcome{Status: http.StatusBadRequest, Err: err}
		}
	}
	// The library has no name for this error.
	if strings.HasPrefix(err.Error(), "invalid record partitioning choice") {
		return link.Outcome{Status: http.StatusBadRequest, Err: errNoPartition}
	}
	return link.Outcome{Status: http.StatusInternalServerError, Err: failure(err), Again: true}
}
