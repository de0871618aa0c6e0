package kafka

import (
	"errors"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// anyPartition says that the key decides.
const anyPartition = -1

// address is where a message goes.
type address struct {
	topic string
	// key is empty if the message's own is taken.
	key string
	// partition is anyPartition unless it is said which.
	partition int32
}

// errAddress does not show the address: parts of it may come from messages.
var errAddress = errors.New("the address is not one of topic, topic/key and topic#partition")

// parseAddress parses an address.
func parseAddress(text string) (address, error) {
	at := strings.IndexAny(text, "/#")
	if at < 0 {
		at = len(text)
	}
	parsed := address{topic: text[:at], partition: anyPartition}
	if !isTopic(parsed.topic) {
		return address{}, errAddress
	}
	if at == len(text) {
		return parsed, nil
	}
	rest := text[at+1:]
	if text[at] == '/' {
		parsed.key = rest
		return parsed, nonEmpty(rest)
	}
	number, err := strconv.ParseInt(rest, 10, 32)
	if err != nil || number < 0 {
		return address{}, errAddress
	}
	parsed.partition = int32(number)
	return parsed, nil
}

func nonEmpty(key string) error {
	if key == "" {
		return errAddress
	}
	return nil
}

// partitioner sends records where they say, others where their keys do.
type partitioner struct{ kgo.Partitioner }

// ForTopic implements kgo.Partitioner.
func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	byKey := p.Partitioner.ForTopic(topic)
	onNewBatch, _ := byKey.(kgo.TopicPartitionerOnNewBatch)
	return topicPartitioner{byKey, onNewBatch}
}

type topicPartitioner struct {
	byKey kgo.TopicPartitioner
	kgo.TopicPartitionerOnNewBatch
}

// RequiresConsistency implements kgo.TopicPartitioner.
func (p topicPartitioner) RequiresConsistency(r *kgo.Record) bool {
	return r.Partition != anyPartition || p.byKey.RequiresConsistency(r)
}

// Partition implements kgo.TopicPartitioner.
func (p topicPartitioner) Partition(r *kgo.Record, n int) int {
	if r.Partition != anyPartition {
		return int(r.Partition)
	}
	return p.byKey.Partition(r, n)
}
