package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// beginning says where a group begins to consume.
type beginning struct {
	cluster *kgo.Client
	group   string
	ids     map[string][16]byte // of topics, by name
}

// offsets are positions in topics, by partition.
type offsets map[string]map[int32]int64

func (o offsets) set(topic string, partition int32, offset int64) {
	if o[topic] == nil {
		o[topic] = map[int32]int64{}
	}
	o[topic][partition] = offset
}

// settle makes sure that there are the topics, and commits the end of those of which the group has committed nothing yet. Partitions
// that are added to a topic later are consumed from their beginning.
//
// Errors: *link.Refusal if there is no such topic; what brokers say.
func (b *beginning) settle(ctx context.Context, topics []string) error {
	partitions, err := b.partitions(ctx, topics)
	if err != nil {
		return err
	}
	committed, err := b.committed(ctx, partitions)
	if err != nil {
		return err
	}
	for topic := range partitions {
		if len(committed[topic]) > 0 {
			delete(partitions, topic)
		}
	}
	if len(partitions) == 0 {
		return nil
	}
	ends, err := b.ends(ctx, partitions)
	if err != nil {
		return err
	}
	return b.commit(ctx, ends)
}

// partitions returns the partitions of topics.
func (b *beginning) partitions(ctx context.Context, topics []string) (map[string][]int32, error) {
	request := kmsg.NewPtrMetadataRequest()
	for _, name := range topics {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = new(name)
		request.Topics = append(request.Topics, topic)
	}
	response, err := request.RequestWith(ctx, b.cluster)
	if err != nil {
		return nil, err
	}
	found := map[string][]int32{}
	b.ids = map[string][16]byte{}
	for i := range response.Topics {
		topic := &response.Topics[i]
		if err := topicError(topic); err != nil {
			return nil, err
		}
		b.ids[*topic.Topic] = topic.TopicID
		for _, partition := range topic.Partitions {
			found[*topic.Topic] = append(found[*topic.Topic], partition.Partition)
		}
	}
	return found, nil
}

func topicError(topic *kmsg.MetadataResponseTopic) error {
	if topic.Topic == nil {
		return errors.New("a broker has answered without the name of a topic")
	}
	err := kerr.ErrorForCode(topic.ErrorCode)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return refusal("there is no topic %s", *topic.Topic)
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return refusal("not allowed to use the topic %s", *topic.Topic)
	}
	return fmt.Errorf("topic %s: %w", *topic.Topic, err)
}

// committed returns what the group has committed.
func (b *beginning) committed(ctx context.Context, partitions map[string][]int32) (offsets, error) {
	request := kmsg.NewPtrOffsetFetchRequest()
	request.Group = b.group
	for name, numbers := range partitions {
		topic := kmsg.NewOffsetFetchRequestTopic()
		topic.Topic, topic.Partitions = name, numbers
		request.Topics = append(request.Topics, topic)
	}
	response, err := request.RequestWith(ctx, b.cluster)
	if err != nil {
		return nil, err
	}
	found := offsets{}
	if err := groupError(response.ErrorCode); err != nil {
		return nil, err
	}
	for _, topic := range response.Topics {
		for _, partition := range topic.Partitions {
			if err := groupError(partition.ErrorCode); err != nil {
				return nil, err
			}
			if partition.Offset >= 0 {
				found.set(topic.Topic, partition.Partition, partition.Offset)
			}
		}
	}
	return found, nil
}

// groupError returns the error for a code. That there is no such group is none: it has not begun.
func groupError(code int16) error {
	if err := kerr.ErrorForCode(code); !errors.Is(err, kerr.GroupIDNotFound) {
		return err
	}
	return nil
}

// ends returns where partitions end now.
func (b *beginning) ends(ctx context.Context, partitions map[string][]int32) (offsets, error) {
	request := kmsg.NewPtrListOffsetsRequest()
	request.ReplicaID = -1
	for name, numbers := range partitions {
		topic := kmsg.NewListOffsetsRequestTopic()
		topic.Topic = name
		for _, number := range numbers {
			partition := kmsg.NewListOffsetsRequestTopicPartition()
			partition.Partition, partition.Timestamp = number, -1 // the end
			topic.Partitions = append(topic.Partitions, partition)
		}
		request.Topics = append(request.Topics, topic)
	}
	response, err := request.RequestWith(ctx, b.cluster)
	if err != nil {
		return nil, err
	}
	found := offsets{}
	for _, topic := range response.Topics {
		for _, partition := range topic.Partitions {
			if err := kerr.ErrorForCode(partition.ErrorCode); err != nil {
				return nil, fmt.Errorf("topic %s: %w", topic.Topic, err)
			}
			found.set(topic.Topic, partition.Partition, partition.Offset)
		}
	}
	return found, nil
}

// commit commits for a group that has no members. One that has some was begun by them.
func (b *beginning) commit(ctx context.Context, at offsets) error {
	request := kmsg.NewPtrOffsetCommitRequest()
	request.Group, request.Generation = b.group, -1
	for name, partitions := range at {
		topic := kmsg.NewOffsetCommitRequestTopic()
		topic.Topic, topic.TopicID = name, b.ids[name]
		for number, offset := range partitions {
			partition := kmsg.NewOffsetCommitRequestTopicPartition()
			partition.Partition, partition.Offset = number, offset
			topic.Partitions = append(topic.Partitions, partition)
		}
		request.Topics = append(request.Topics, topic)
	}
	response, err := request.RequestWith(ctx, b.cluster)
	if err = commitError(response, err); others(err) {
		return nil
	}
	return err
}

// commitError returns the first error of a commit. Newer brokers do not name the topic.
func commitError(response *kmsg.OffsetCommitResponse, err error) error {
	if err != nil {
		return err
	}
	for _, topic := range response.Topics {
		for _, partition := range topic.Partitions {
			if err := kerr.ErrorForCode(partition.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}
