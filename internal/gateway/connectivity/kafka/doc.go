// Package kafka carries messages over a Kafka cluster.
//
//	kind      dials: logs in, looks for the topics, says where a new group begins
//	client    one connection: a producer, and a consumer if there are sources
//	consumer  polls, hands over in order for each partition, commits what is settled
//	partition what of one partition was handed over and is not settled; pure
//	watch     finds out that no broker answers any more
//
// Addresses that are published to are "topic", "topic/key" and "topic#partition". Without key or partition the message's own key says
// which partition it goes to. What comes in has as headers those of its record, and kafka.topic, kafka.key and kafka.timestamp.
//
// Invariants:
//
//   - What is consumed at least once is committed when it and all before it in its partition are settled. What is to come again stops
//     its partition, without disturbing others: after a delay, and when the rest that was handed over is settled, it is read again
//     from the first that is not.
//   - What is consumed at most once is committed before it is handed over. What of that is not, because the client is closed, is
//     committed back.
//   - Nothing is committed for partitions that others have.
//   - A group that is new begins at the end of its topics as of its first connection, which is committed at once: from then on nothing
//     is missed, however long it takes until the first message is settled.
//   - The library connects to brokers as it sees fit: they come and go. The client is lost when none has answered for a while.
package kafka
