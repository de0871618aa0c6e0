package packet

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What a message says is what is read of it, with all that each version has.
func TestPublish(t *testing.T) {
	properties := Properties{
		Expires: true, Expiry: 7, ContentType: "text/plain", ResponseTopic: "b", Correlation: []byte{0, 1},
		User: []Property{{Key: "a", Value: "1"}, {Key: "a", Value: "2"}},
	}
	for _, v := range []Version{V3, V5} {
		for _, p := range []Publish{
			{Topic: "a"},
			{Topic: "a/b", Payload: []byte("hello"), QoS: 1, ID: 77, Retain: true},
			{Topic: "a/b", Payload: bytes.Repeat([]byte("x"), 100_000), QoS: 2, ID: 65535, Dup: true},
			{Topic: "a", Payload: []byte("{}"), Properties: properties},
		} {
			if v == V3 {
				p.Properties = Properties{}
			}
			b := AppendPublish([]byte("before"), v, &p)[len("before"):]
			header, body := split(t, b)
			got, err := ParsePublish(v, header.Flags, body)
			if diff := cmp.Diff(p, got, cmpopts.EquateEmpty()); diff != "" || err != nil || header.Type != PUBLISH {
				t.Errorf("%v %s", err, diff)
			}
			if size := p.Size(v); size < len(b) || size > len(b)+3 {
				t.Errorf("size %d, want %d", size, len(b))
			}
		}
	}
}

func split(t *testing.T, b []byte) (Header, []byte) {
	t.Helper()
	r := bytes.NewReader(b)
	h, err := ReadHeader(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r)
	if len(body) != h.Length {
		t.Fatalf("length %d, want %d", h.Length, len(body))
	}
	return h, body
}

// A message that came by several subscriptions says so, whatever else it says.
func TestSubscriptionIdentifiers(t *testing.T) {
	for _, row := range []struct {
		properties []byte
		want       []int
	}{
		{nil, nil},
		{[]byte{0x0b, 1}, []int{1}},
		{[]byte{0x0b, 1, 0x0b, 0x80, 1, 0x0b, 0xff, 0xff, 0xff, 0x7f}, []int{1, 128, 1<<28 - 1}},
		{[]byte{1, 1, 0x0b, 1, 2, 0, 0, 0, 9, 0x0b, 2, 3, 0, 1, 'x', 8, 0, 1, 'y', 9, 0, 1, 'z', 38, 0, 1, 'a', 0, 1, 'b', 0x0b, 3}, []int{1, 2, 3}},
	} {
		body := append([]byte{0, 1, 'a', 0, 7, byte(len(row.properties))}, row.properties...)
		got, err := ParsePublish(V5, 2, append(body, "payload"...))
		if err != nil || !slices.Equal(got.Subscriptions, row.want) || string(got.Payload) != "payload" {
			t.Errorf("% x: %v, %v, payload %q", row.properties, got.Subscriptions, err, got.Payload)
		}
	}
}

func TestHeader(t *testing.T) {
	for _, row := range []struct {
		b    []byte
		want Header
		err  error
	}{
		{[]byte{0xd0, 0}, Header{Type: PINGRESP}, nil},
		{[]byte{0x3d, 0x80, 1}, Header{Type: PUBLISH, Flags: 13, Length: 128}, nil},
		{[]byte{0x30, 0xff, 0xff, 0xff, 0x7f}, Header{Type: PUBLISH, Length: 1<<28 - 1}, nil},
		{[]byte{0x30, 0xff, 0xff, 0xff, 0xff, 1}, Header{}, ErrMalformed},
		{nil, Header{}, io.EOF},
		{[]byte{0x30}, Header{}, io.ErrUnexpectedEOF},
		{[]byte{0x30, 0x80}, Header{}, io.ErrUnexpectedEOF},
	} {
		got, err := ReadHeader(bytes.NewReader(row.b))
		if !errors.Is(err, row.err) || err == nil && got != row.want {
			t.Errorf("% x: %+v, %v", row.b, got, err)
		}
	}
}

func TestConnack(t *testing.T) {
	all := Connack{ReceiveMaximum: 65535, MaximumPacketSize: 1<<32 - 1, MaximumQoS: 2, KeepAlive: -1, Retain: true}
	limited := Connack{SessionPresent: true, ReceiveMaximum: 9, MaximumPacketSize: 99, MaximumQoS: 1, KeepAlive: 20}
	identified := all
	identified.SubscriptionIDs = true
	for _, row := range []struct {
		v    Version
		body []byte
		want Connack
	}{
		{V3, []byte{0, 0}, all},
		{V5, []byte{0, 0, 0}, identified},
		{V5, []byte{1, 0, 17, 0x21, 0, 9, 0x27, 0, 0, 0, 99, 0x24, 1, 0x13, 0, 20, 0x25, 0, 0x29, 0}, limited},
	} {
		got, err := ParseConnack(row.v, row.body)
		if diff := cmp.Diff(row.want, got); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
}

// FuzzParse reads anything as everything: nothing panics, and nothing costs more than it is long.
func FuzzParse(f *testing.F) {
	f.Add(byte(2), []byte{0, 1, 'a', 0, 7, 2, 0x0b, 1, 'x'})
	f.Add(byte(0), []byte{1, 0, 3, 0x21, 0, 9})
	f.Add(byte(6), []byte{0, 7, 0, 0x80})
	f.Fuzz(func(t *testing.T, flags byte, body []byte) {
		for _, v := range []Version{V3, V5} {
			_, _ = ParseConnack(v, body)
			_, _ = ParseSuback(v, body)
			p, err := ParsePublish(v, flags, body)
			if err == nil && (len(p.Payload) > len(body) || p.Topic == "" || p.QoS > 2 || len(p.Subscriptions) > len(body)) {
				t.Errorf("%+v", p)
			}
		}
		_, _ = ParseAck(body)
		_ = ParseDisconnect(body)
		_, _ = ReadHeader(bytes.NewReader(body))
	})
}
