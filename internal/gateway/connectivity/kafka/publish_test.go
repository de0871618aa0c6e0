package kafka

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestAddresses(t *testing.T) {
	tests := []struct {
		text string
		want address
		bad  bool
	}{
		{text: "topic", want: address{topic: "topic", partition: anyPartition}},
		{text: "A.b_c-1/key", want: address{topic: "A.b_c-1", key: "key", partition: anyPartition}},
		{text: "topic/a/b#1", want: address{topic: "topic", key: "a/b#1", partition: anyPartition}},
		{text: "topic#0", want: address{topic: "topic", partition: 0}},
		{text: "topic#17", want: address{topic: "topic", partition: 17}},
		{text: "topic/", bad: true},
		{text: "topic#", bad: true},
		{text: "topic#x", bad: true},
		{text: "topic#-1", bad: true},
		{text: "topic#4294967296", bad: true},
		{text: "", bad: true},
		{text: "/key", bad: true},
		{text: "#1", bad: true},
		{text: ".", bad: true},
		{text: "..", bad: true},
		{text: "to pic", bad: true},
		{text: "ü", bad: true},
		{text: strings.Repeat("t", maxTopic), want: address{topic: strings.Repeat("t", maxTopic), partition: anyPartition}},
		{text: strings.Repeat("t", maxTopic+1), bad: true},
	}
	for _, test := range tests {
		got, err := parseAddress(test.text)
		if test.bad != (err != nil) {
			t.Errorf("%q: error %v", test.text, err)
		} else if err == nil && got != test.want {
			t.Errorf("%q: %+v, want %+v", test.text, got, test.want)
		}
	}
}

func TestPublish(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(4, "out"))
	client := dial(t, to(cluster), &linktest.Inbox{})
	for _, m := range []external.Message{
		{Address: "out#3", Key: "ns:t", Payload: []byte("1"), Headers: external.Headers{"content-type": "text/plain"}},
		{Address: "out/other#key", Key: "ns:t", Payload: []byte("2")},
		{Address: "out", Key: "ns:t", Payload: []byte("3")},
		{Address: "out#1", Payload: []byte("4")},
		{Address: "out#2", Key: "nothing"},
	} {
		if o := published(t, client, m); o.Status != http.StatusNoContent || o.Err != nil {
			t.Fatalf("%s: %+v", m.Address, o)
		}
	}
	got := map[string]*kgo.Record{}
	for _, r := range read(t, cluster, "out", 5) {
		got[string(r.Value)] = r
	}
	hashed := func(key string) int32 {
		return int32(kgo.StickyKeyPartitioner(nil).ForTopic("out").Partition(&kgo.Record{Key: []byte(key)}, 4))
	}
	for _, want := range []struct {
		payload, key string
		partition    int32
	}{{"1", "ns:t", 3}, {"2", "other#key", hashed("other#key")}, {"3", "ns:t", hashed("ns:t")}, {"4", "", 1}, {"", "nothing", 2}} {
		r := got[want.payload]
		if string(r.Key) != want.key || r.Partition != want.partition {
			t.Errorf("%s: key %q in partition %d, want %q in %d", want.payload, r.Key, r.Partition, want.key, want.partition)
		}
	}
	if got[""].Value == nil {
		t.Error("a message without payload deletes its key")
	}
	if diff := cmp.Diff([]kgo.RecordHeader{{Key: "content-type", Value: []byte("text/plain")}}, got["1"].Headers); diff != "" {
		t.Error(diff)
	}
}

// TestPartitioner goes to the partition that is asked for, even if it cannot be written to for now.
func TestPartitioner(t *testing.T) {
	p := partitioner{kgo.StickyKeyPartitioner(nil)}.ForTopic("out")
	for _, test := range []struct {
		record     kgo.Record
		consistent bool
	}{
		{kgo.Record{Partition: 1}, true},
		{kgo.Record{Partition: anyPartition, Key: []byte("k")}, true},
		{kgo.Record{Partition: anyPartition}, false},
	} {
		if got := p.RequiresConsistency(&test.record); got != test.consistent {
			t.Errorf("%+v: %v", test.record, got)
		}
	}
}

func TestClientID(t *testing.T) {
	for name, want := range map[string]string{"c": "twinway-c", strings.Repeat("c", 253): "twinway-" + strings.Repeat("c", 248)} {
		if got := clientID(name); got != want {
			t.Errorf("%q", got)
		}
	}
}

func TestPublishNever(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(2, "out"))
	client := dial(t, to(cluster), &linktest.Inbox{})
	for _, test := range []struct {
		name   string
		m      external.Message
		status int
	}{
		{"no address", external.Message{Address: "a b"}, http.StatusBadRequest},
		{"no such topic", external.Message{Address: "nowhere"}, http.StatusNotFound},
		{"no such partition", external.Message{Address: "out#2"}, http.StatusBadRequest},
		{"too large", external.Message{Address: "out", Payload: make([]byte, 2<<20)}, http.StatusRequestEntityTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			if o := published(t, client, test.m); o.Status != test.status || o.Err == nil || o.Again {
				t.Errorf("%+v, want %d", o, test.status)
			}
		})
	}
	if o := published(t, client, external.Message{Address: "out", Payload: []byte("x")}); !o.Delivered() {
		t.Errorf("the next message: %+v", o)
	}
}

func TestPublishKeepsOrderForEachKey(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(3, "out"))
	client := dial(t, to(cluster), &linktest.Inbox{})
	const keys, each = 4, 200
	var outcomes sync.WaitGroup
	for i := range each {
		for k := range keys {
			outcomes.Add(1)
			m := &external.Message{Address: "out", Key: fmt.Sprint("k", k), Payload: fmt.Append(nil, i)}
			if err := client.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) {
				if !o.Delivered() {
					t.Errorf("%+v", o)
				}
				outcomes.Done()
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	outcomes.Wait()
	next := map[string]int{}
	for _, r := range read(t, cluster, "out", keys*each) {
		if want := fmt.Sprint(next[string(r.Key)]); string(r.Value) != want {
			t.Fatalf("%s: got %s, want %s", r.Key, r.Value, want)
		}
		next[string(r.Key)]++
	}
}

func TestPublishAgain(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "out"))
	k := &kind{times: swift, strikes: newStrikes()}
	k.times.patience = linktest.Enough // the broker is there: only this topic has no leader
	client := linktest.Dial(t, k, linktest.Config(to(cluster), &linktest.Inbox{}))
	fault := cluster.Fault(notLeader("out"))
	o := published(t, client, external.Message{Address: "out", Payload: []byte("x")})
	if o.Status != http.StatusInternalServerError || o.Err == nil || !o.Again {
		t.Errorf("%+v", o)
	}
	fault.Remove()
	if o := published(t, client, external.Message{Address: "out", Payload: []byte("x")}); !o.Delivered() {
		t.Errorf("later: %+v", o)
	}
}

func TestPublishOnWhatIsClosed(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "out"))
	client := dial(t, to(cluster), &linktest.Inbox{})
	linktest.End(client)
	err := client.Publish(t.Context(), &external.Message{Address: "out"}, snapshot.AtLeastOnce, func(link.Outcome) {
		t.Error("done was called")
	})
	if !errors.Is(err, link.ErrLost) {
		t.Errorf("%v", err)
	}
	<-client.Lost()
	if client.Err() != nil {
		t.Errorf("closed: %v", client.Err())
	}
}

func TestCloseWaitsForOutcomes(t *testing.T) {
	cluster := newCluster(t, kfake.SeedTopics(1, "out"))
	client := dial(t, to(cluster), &linktest.Inbox{})
	const n = 300
	outcomes := make(chan link.Outcome, n)
	for range n {
		m := &external.Message{Address: "out", Payload: []byte("x")}
		if err := client.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) { outcomes <- o }); err != nil {
			t.Fatal(err)
		}
	}
	linktest.End(client)
	if len(outcomes) != n {
		t.Fatalf("%d outcomes, want %d", len(outcomes), n)
	}
	for range n {
		if o := <-outcomes; !o.Delivered() {
			t.Fatalf("%+v", o)
		}
	}
}

func TestPublishIsBounded(t *testing.T) {
	valve := newValve()
	cluster := newCluster(t, kfake.SeedTopics(1, "out"), kfake.ListenFn(valve.listen))
	k := &kind{times: swift, strikes: newStrikes()}
	k.times.patience = linktest.Enough
	client := linktest.Dial(t, k, linktest.Config(to(cluster), &linktest.Inbox{}))
	valve.cut()
	defer valve.heal()
	var outcomes sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i := range maxUnderWay + 1 {
		if i == maxUnderWay {
			cancel()
		}
		err := client.Publish(ctx, &external.Message{Address: "out"}, snapshot.AtLeastOnce, func(link.Outcome) { outcomes.Done() })
		if (err == nil) != (i < maxUnderWay) {
			t.Fatalf("message %d: %v", i, err)
		}
		if err == nil {
			outcomes.Add(1)
		}
	}
	closing, now := context.WithCancel(context.Background())
	now()
	client.Close(closing)
	outcomes.Wait() // all have one
}
