package kafka

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// numbers returns the texts of numbers.
func numbers(from, to int) []string {
	var all []string
	for i := from; i < to; i++ {
		all = append(all, strconv.Itoa(i))
	}
	return all
}

func TestConsume(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"))
	in := &linktest.Inbox{}
	dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), in)
	at := time.UnixMilli(1_700_000_000_123)
	records := []*kgo.Record{
		{
			Topic: "in", Key: []byte("ns:t"), Value: []byte("1"), Timestamp: at,
			Headers: []kgo.RecordHeader{{Key: "Content-Type", Value: []byte("text/plain")}, {Key: "x", Value: []byte("\xff")}},
		},
		{Topic: "in", Value: []byte("2"), Timestamp: at, Headers: []kgo.RecordHeader{{Key: "kafka.key", Value: []byte("forged")}}},
	}
	if err := outside(t, cluster).ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	linktest.Eventually(t, "two messages", func() bool { return len(in.All()) == 2 })
	want := []external.Message{
		{
			Address: "in", Key: "ns:t", Payload: []byte("1"), Headers: external.Headers{
				"content-type": "text/plain", "x": "\xff",
				"kafka.topic": "in", "kafka.key": "ns:t", "kafka.timestamp": "1700000000123",
			},
		},
		{Address: "in", Payload: []byte("2"), Headers: external.Headers{"kafka.topic": "in", "kafka.timestamp": "1700000000123"}},
	}
	for i, c := range in.All() {
		if diff := cmp.Diff(want[i], c.Message); diff != "" {
			t.Error(diff)
		}
		if c.Source != "s" || c.Redelivered != 0 {
			t.Errorf("source %q, redelivered %d", c.Source, c.Redelivered)
		}
	}
}

func TestExpiry(t *testing.T) {
	now := time.UnixMilli(10_000)
	tests := []struct {
		created, ttl string
		want         bool
	}{
		{"9000", "999", true}, {"9000", "1000", false}, {"9000", "1001", false}, {"20000", "0", false}, {"9999", "0", true},
		{"", "1", false}, {"9000", "", false}, {"x", "1", false}, {"1", "x", false}, {"1", "-1", false}, {"-1", "1", false},
		{"1", "9223372036854775807", false},
	}
	for _, test := range tests {
		r := &kgo.Record{}
		if test.created != "" {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: "Creation-Time", Value: []byte(test.created)})
		}
		if test.ttl != "" {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: "ttl", Value: []byte(test.ttl)})
		}
		if got := expired(r, now); got != test.want {
			t.Errorf("created %q, ttl %q: %v", test.created, test.ttl, got)
		}
	}
}

func TestExpiredIsDropped(t *testing.T) {
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce} {
		t.Run(string(delivery), func(t *testing.T) {
			cluster := newCluster(t, kfake.SeedTopics(1, "in"))
			in := &linktest.Inbox{}
			dial(t, to(cluster, source("s", delivery, "in")), in)
			old := []kgo.RecordHeader{{Key: "creation-time", Value: []byte("1000")}, {Key: "ttl", Value: []byte("1000")}}
			records := []*kgo.Record{{Topic: "in", Value: []byte("old"), Headers: old}, {Topic: "in", Value: []byte("new")}}
			if err := outside(t, cluster).ProduceSync(t.Context(), records...).FirstErr(); err != nil {
				t.Fatal(err)
			}
			linktest.Eventually(t, "both are committed", func() bool { return committed(cluster, "in", 0) == 2 })
			linktest.Eventually(t, "a message", func() bool { return len(in.All()) > 0 })
			if diff := cmp.Diff([]string{"new"}, in.Payloads()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNewGroupBeginsAtTheEnd(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(2, "in"))
	send(t, cluster, "in", 0, 0, 3)
	in := &linktest.Inbox{}
	connection := to(cluster, source("s", snapshot.AtLeastOnce, "in"))
	client := dial(t, connection, in)
	if got := []int64{committed(cluster, "in", 0), committed(cluster, "in", 1)}; !slices.Equal(got, []int64{3, 0}) {
		t.Errorf("committed %v", got)
	}
	linktest.End(client) // before it has consumed anything
	send(t, cluster, "in", 0, 3, 5)
	send(t, cluster, "in", 1, 5, 6)
	dial(t, connection, in)
	linktest.Eventually(t, "what was sent in between", func() bool { return len(in.All()) == 3 })
	got := in.Payloads()
	slices.Sort(got)
	if diff := cmp.Diff(numbers(3, 6), got); diff != "" {
		t.Error(diff)
	}
}

func TestCommitFollowsSettlement(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"))
	in := &linktest.Inbox{Do: func(context.Context, link.Consumed) {}}
	dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), in)
	send(t, cluster, "in", 0, 0, 4)
	linktest.Eventually(t, "four messages", func() bool { return len(in.All()) == 4 })
	all := in.All()
	settle := func(i int, s link.Settlement, want int64) {
		t.Helper()
		all[i].Settle(s)
		linktest.Eventually(t, fmt.Sprintf("commit of %d", want), func() bool { return committed(cluster, "in", 0) >= want })
		if got := committed(cluster, "in", 0); got != want {
			t.Errorf("committed %d, want %d", got, want)
		}
	}
	settle(1, link.Accept, 0) // 0 is open
	settle(0, link.Accept, 2)
	settle(3, link.Accept, 2)
	settle(2, link.Reject, 4)
}

func TestAtMostOnceIsCommittedBefore(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"))
	var at atomic.Int64
	in := &linktest.Inbox{Do: func(_ context.Context, c link.Consumed) {
		if c.Settle != nil {
			t.Error("there is something to settle")
		}
		at.CompareAndSwap(0, committed(cluster, "in", 0))
	}}
	dial(t, to(cluster, source("s", snapshot.AtMostOnce, "in")), in)
	send(t, cluster, "in", 0, 0, 3)
	linktest.Eventually(t, "three messages", func() bool { return len(in.All()) == 3 })
	if at.Load() < 1 {
		t.Errorf("committed %d while the first was handed over", at.Load())
	}
}

// TestRedelivery has a message come again: after a while, with what follows it in its partition, and no other partition waits for that.
func TestRedelivery(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(2, "in"))
	var refused atomic.Int32
	in := &linktest.Inbox{}
	in.Do = func(_ context.Context, c link.Consumed) {
		if string(c.Message.Payload) == "1" && refused.Add(1) <= 3 {
			c.Settle(link.Redeliver)
			return
		}
		c.Settle(link.Accept)
	}
	dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), in)
	send(t, cluster, "in", 0, 0, 4)
	send(t, cluster, "in", 1, 10, 13)
	linktest.Eventually(t, "all is committed", func() bool {
		return committed(cluster, "in", 0) == 4 && committed(cluster, "in", 1) == 3
	})
	var mine []string
	counts := map[string][]int{}
	for _, c := range in.All() {
		if len(c.Message.Payload) == 1 {
			mine = append(mine, string(c.Message.Payload))
			counts[string(c.Message.Payload)] = append(counts[string(c.Message.Payload)], c.Redelivered)
		}
	}
	// Nothing comes after a message that is to come again, but what was on its way.
	if diff := cmp.Diff([]string{"0", "1", "1", "1", "1", "2", "3"}, mine); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string][]int{"0": {0}, "1": {0, 1, 2, 3}, "2": {0}, "3": {0}}, counts); diff != "" {
		t.Error(diff)
	}
}

// TestRedeliveryOfWhatIsOnItsWay settles out of order: what was accepted after what is to come again comes again with it, in order.
func TestRedeliveryOfWhatIsOnItsWay(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"))
	in := &linktest.Inbox{Do: func(context.Context, link.Consumed) {}}
	dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), in)
	send(t, cluster, "in", 0, 0, 4)
	linktest.Eventually(t, "four messages", func() bool { return len(in.All()) == 4 })
	first := in.All()
	first[0].Settle(link.Accept)
	first[1].Settle(link.Redeliver)
	first[1].Settle(link.Accept) // too late
	first[3].Settle(link.Accept)
	linktest.Eventually(t, "the first is committed", func() bool { return committed(cluster, "in", 0) == 1 })
	time.Sleep(5 * swift.again)
	if n := len(in.All()); n != 4 {
		t.Fatalf("%d messages while one is open", n)
	}
	first[2].Settle(link.Accept)
	linktest.Eventually(t, "they come again", func() bool { return len(in.All()) == 7 })
	if diff := cmp.Diff([]string{"0", "1", "2", "3", "1", "2", "3"}, in.Payloads()); diff != "" {
		t.Error(diff)
	}
	for _, c := range in.All()[4:] {
		c.Settle(link.Accept)
	}
	linktest.Eventually(t, "all is committed", func() bool { return committed(cluster, "in", 0) == 4 })
}

// TestPoison counts how often a message was to come again over clients of the same connection.
func TestPoison(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"))
	in := &linktest.Inbox{}
	const limit = 5
	in.Do = func(_ context.Context, c link.Consumed) {
		if string(c.Message.Payload) == "0" && c.Redelivered < limit {
			c.Settle(link.Redeliver)
			return
		}
		c.Settle(link.Reject)
	}
	k := &kind{times: swift, strikes: newStrikes()}
	connection := to(cluster, source("s", snapshot.AtLeastOnce, "in"))
	client := linktest.Dial(t, k, linktest.Config(connection, in))
	send(t, cluster, "in", 0, 0, 2)
	linktest.Eventually(t, "a third time", func() bool { return len(in.All()) >= 3 })
	linktest.End(client)
	linktest.Dial(t, k, linktest.Config(connection, in))
	linktest.Eventually(t, "it is passed by", func() bool { return committed(cluster, "in", 0) == 2 })
	if diff := cmp.Diff([]string{"0", "0", "0", "0", "0", "0", "1"}, in.Payloads()); diff != "" {
		t.Error(diff)
	}
	if len(k.strikes.all) != 0 {
		t.Errorf("still counts %v", k.strikes.all)
	}
}

func TestStrikesAreBounded(t *testing.T) {
	s := newStrikes()
	for i := range int64(maxStrikes + 10) {
		s.add(position{"in", 0, i})
	}
	if len(s.all) != maxStrikes {
		t.Errorf("%d", len(s.all))
	}
	if n := s.add(position{"in", 0, maxStrikes + 9}); n != 2 {
		t.Errorf("the last one has %d", n)
	}
}

// TestRestart closes and opens clients while messages come in: those that were accepted are not missing, and those that were not
// settled come again.
func TestRestart(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(3, "in"))
	connection := to(cluster, source("s", snapshot.AtLeastOnce, "in"))
	var mu sync.Mutex
	accepted := map[string]int{}
	n := 0
	in := &linktest.Inbox{}
	in.Do = func(_ context.Context, c link.Consumed) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%7 == 0 {
			return // never settled by this client
		}
		accepted[string(c.Message.Payload)]++
		c.Settle(link.Accept)
	}
	const all = 600
	client := dial(t, connection, in)
	for i := range 6 {
		seen := len(in.All())
		for p := range int32(3) {
			from := i*100 + int(p)*33
			to := from + 33
			if p == 2 {
				to = (i + 1) * 100
			}
			send(t, cluster, "in", p, from, to)
		}
		linktest.Eventually(t, "some messages", func() bool { return len(in.All()) > seen+20 })
		linktest.End(client)
		client = dial(t, connection, in)
	}
	in.Use(func(_ context.Context, c link.Consumed) {
		mu.Lock()
		accepted[string(c.Message.Payload)]++
		mu.Unlock()
		c.Settle(link.Accept)
	})
	linktest.End(client)
	dial(t, connection, in)
	linktest.Eventually(t, "all are accepted", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(accepted) == all
	})
}

// TestAtMostOnceOverRestarts counts: no message comes twice, and none is missing when clients are closed politely.
func TestAtMostOnceOverRestarts(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"))
	connection := to(cluster, source("s", snapshot.AtMostOnce, "in"))
	in := &linktest.Inbox{}
	in.Do = func(context.Context, link.Consumed) { time.Sleep(50 * time.Microsecond) }
	client := dial(t, connection, in)
	const all = 500
	for i := range 5 {
		send(t, cluster, "in", 0, i*100, (i+1)*100)
		seen := len(in.All())
		linktest.Eventually(t, "some messages", func() bool { return len(in.All()) > seen })
		linktest.End(client)
		client = dial(t, connection, in)
	}
	linktest.Eventually(t, "all messages", func() bool { return len(in.All()) >= all })
	if diff := cmp.Diff(numbers(0, all), in.Payloads()); diff != "" {
		t.Error(diff)
	}
}

// TestSlowConsumer takes no message: no more is read than what a partition may have under way and what was polled.
func TestSlowConsumer(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "in"))
	in := &linktest.Inbox{Do: func(context.Context, link.Consumed) {}}
	dial(t, to(cluster, source("s", snapshot.AtLeastOnce, "in")), in)
	send(t, cluster, "in", 0, 0, 3*maxWindow)
	linktest.Eventually(t, "as much as is taken", func() bool { return len(in.All()) == maxWindow })
	time.Sleep(50 * time.Millisecond)
	if n := len(in.All()); n != maxWindow {
		t.Fatalf("%d messages", n)
	}
	for _, c := range in.Use(nil) {
		c.Settle(link.Accept)
	}
	linktest.Eventually(t, "all is committed", func() bool { return committed(cluster, "in", 0) == 3*maxWindow })
	if diff := cmp.Diff(numbers(0, 3*maxWindow), in.Payloads()); diff != "" {
		t.Error(diff)
	}
}

// TestRebalance has a second client take partitions over: what it gets begins where the first has committed, and the first commits
// nothing for it any more.
func TestRebalance(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(2, "in"))
	connection := to(cluster, source("s", snapshot.AtLeastOnce, "in"))
	one, two := &linktest.Inbox{Do: func(context.Context, link.Consumed) {}}, &linktest.Inbox{}
	dial(t, connection, one)
	for p := range int32(2) {
		send(t, cluster, "in", p, 0, 4)
	}
	linktest.Eventually(t, "all messages", func() bool { return len(one.All()) == 8 })
	for _, c := range one.All() {
		if n := string(c.Message.Payload); n == "0" || n == "3" {
			c.Settle(link.Accept)
		}
	}
	second := dial(t, connection, two)
	// The first is settled in both, the rest is open: the second client gets it.
	linktest.Eventually(t, "the second has what is open", func() bool { return len(two.All()) >= 3 })
	if diff := cmp.Diff(numbers(1, 4), two.Payloads()); diff != "" {
		t.Error(diff)
	}
	linktest.Eventually(t, "the second has committed", func() bool {
		return committed(cluster, "in", 0) == 4 || committed(cluster, "in", 1) == 4
	})
	for _, c := range one.All() {
		c.Settle(link.Redeliver) // also what others have now
	}
	one.Use(nil)
	linktest.Eventually(t, "both are at the end", func() bool {
		return committed(cluster, "in", 0) == 4 && committed(cluster, "in", 1) == 4
	})
	if n := len(two.All()); n != 3 {
		t.Errorf("the second has had %d messages", n)
	}
	linktest.End(second)
	for p := range int32(2) {
		send(t, cluster, "in", p, 4, 5)
	}
	linktest.Eventually(t, "the first has both again", func() bool {
		return committed(cluster, "in", 0) == 5 && committed(cluster, "in", 1) == 5
	})
}

// TestLastCommit commits what is settled when partitions are taken away, and when the client is closed: it does not wait for its turn.
func TestLastCommit(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(2, "in"))
	connection := to(cluster, source("s", snapshot.AtLeastOnce, "in"))
	k := &kind{times: swift, strikes: newStrikes()}
	k.times.commit = time.Hour
	in := &linktest.Inbox{}
	client := linktest.Dial(t, k, linktest.Config(connection, in))
	for p := range int32(2) {
		send(t, cluster, "in", p, 0, 3)
	}
	linktest.Eventually(t, "all messages", func() bool { return len(in.All()) == 6 })
	done := func() int64 { return committed(cluster, "in", 0) + committed(cluster, "in", 1) }
	if n := done(); n != 0 {
		t.Errorf("committed %d", n)
	}
	other := &linktest.Inbox{}
	dial(t, connection, other)
	linktest.Eventually(t, "one partition is the other's", func() bool { return done() == 3 })
	linktest.End(client)
	linktest.Eventually(t, "all is committed", func() bool { return done() == 6 })
	if got := other.Payloads(); len(got) != 0 {
		t.Errorf("came again: %v", got)
	}
}

func TestTwoSources(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "a", "b", "c"))
	in := &linktest.Inbox{}
	dial(t, to(cluster, source("one", snapshot.AtLeastOnce, "a", "b"), source("two", snapshot.AtMostOnce, "c")), in)
	for i, topic := range []string{"a", "b", "c"} {
		send(t, cluster, topic, 0, i, i+1)
	}
	linktest.Eventually(t, "three messages", func() bool { return len(in.All()) == 3 })
	got := map[string]string{}
	for _, c := range in.All() {
		got[string(c.Message.Payload)] = c.Source
	}
	if diff := cmp.Diff(map[string]string{"0": "one", "1": "one", "2": "two"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestNothingIsTakenAnyMore has a consumer that takes no more before the client is closed, as it does when a connection is changed: the
// client stays as it is until it is closed, what was settled is committed then, and the next client begins with what was not taken.
func TestNothingIsTakenAnyMore(t *testing.T) {
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce} {
		t.Run(string(delivery), func(t *testing.T) {
			cluster := newCluster(t, kfake.SeedTopics(1, "in"))
			connection := to(cluster, source("s", delivery, "in"))
			in := &linktest.Inbox{}
			client := dial(t, connection, &linktest.Turnstile{Inbox: in, Left: 3})
			send(t, cluster, "in", 0, 0, 10)
			linktest.Eventually(t, "three messages", func() bool { return len(in.All()) == 3 })
			select {
			case <-client.Lost():
				t.Errorf("lost: %v", client.Err())
			case <-time.After(20 * time.Millisecond):
			}
			linktest.End(client)
			if got := committed(cluster, "in", 0); got != 3 {
				t.Errorf("committed %d", got)
			}
			dial(t, connection, in)
			linktest.Eventually(t, "the others", func() bool { return len(in.All()) >= 10 })
			if diff := cmp.Diff(numbers(0, 10), in.Payloads()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
