package mqtt

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestRefusedConnections(t *testing.T) {
	const v3, v5 = snapshot.MQTT3, snapshot.MQTT5
	for _, row := range []struct {
		name     string
		version  snapshot.MQTTVersion
		answer   []byte
		mendable bool
		text     string
	}{
		{"version of 3", v3, []byte{0x20, 2, 0, 1}, true, "does not speak MQTT 3.1.1"},
		{"client id", v3, []byte{0x20, 2, 0, 2}, true, "client id"},
		{"not available", v3, []byte{0x20, 2, 0, 3}, false, "not available"},
		{"password", v3, []byte{0x20, 2, 0, 4}, true, "password is wrong"},
		{"not authorized", v3, []byte{0x20, 2, 0, 5}, true, "not authorized"},
		{"something", v3, []byte{0x20, 2, 0, 77}, false, "0x4d"},
		{"broker of 3", v5, []byte{0x20, 2, 0, 1}, true, "does not speak MQTT 5"},
		{"version of 5", v5, []byte{0x20, 3, 0, 0x84, 0}, true, "does not speak MQTT 5"},
		{"client id of 5", v5, []byte{0x20, 3, 0, 0x85, 0}, true, "client id"},
		{"password of 5", v5, []byte{0x20, 3, 0, 0x86, 0}, true, "password is wrong"},
		{"not authorized by 5", v5, []byte{0x20, 3, 0, 0x87, 0}, true, "not authorized"},
		{"busy", v5, []byte{0x20, 3, 0, 0x89, 0}, false, "busy"},
		{"banned", v5, []byte{0x20, 3, 0, 0x8a, 0}, true, "banned"},
		{"with a reason", v5, []byte{0x20, 7, 0, 0x97, 4, 0x1f, 0, 1, 'x'}, false, "quota"},
		{"retained will", v5, []byte{0x20, 3, 0, 0x9a, 0}, true, "retains no"},
		{"moved", v5, []byte{0x20, 3, 0, 0x9d, 0}, true, "another broker"},
		{"too fast", v5, []byte{0x20, 3, 0, 0x9f, 0}, false, "too fast"},
		{"no answer", v5, nil, false, "without an answer"},
		{"half an answer", v5, []byte{0x20, 3, 0}, false, "EOF"},
		{"no room", v5, []byte{0x20, 6, 0, 0, 3, 0x21, 0, 0}, false, "malformed"},
		{"another protocol", v3, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), true, "no MQTT broker"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := scriptedWorld(t, row.version, func(s *scripted) {
				s.await(packet.CONNECT)
				s.write(row.answer...)
			})
			w.connection.Credentials = &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "gateway", Password: "secret"}}
			_, err := w.attempt(t)
			if err == nil || linktest.IsRefusal(err) != row.mendable || !strings.Contains(err.Error(), row.text) {
				t.Errorf("got %v (to be mended: %t)", err, linktest.IsRefusal(err))
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is in %v", err)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	for _, row := range []struct {
		uri, text string
		mendable  bool
	}{
		{"tcp://no-such-host.invalid:1883", "", false}, // what resolvers say of it differs
		{"tcp://" + linktest.FreeAddress(t), "nobody listens", true},
		{"http://127.0.0.1:1", "not spoken to by http", true},
		{"tcp://", "names no broker", true},
	} {
		w := &world{kind: newKind(), inbox: make(inbox), connection: &snapshot.Connection{
			URI: row.uri, MQTT: &snapshot.MQTT{Version: snapshot.MQTT5, ClientID: "gateway"},
		}}
		_, err := w.attempt(t)
		if err == nil || !strings.Contains(err.Error(), row.text) || row.text != "" && linktest.IsRefusal(err) != row.mendable {
			t.Errorf("%s: %v (to be mended: %t)", row.uri, err, linktest.IsRefusal(err))
		}
	}
}

func TestAddresses(t *testing.T) {
	for uri, want := range map[string]broker{
		"tcp://host:1":    {"host:1", "host", false},
		"mqtt://host":     {"host:1883", "host", false},
		"ssl://host:2":    {"host:2", "host", true},
		"mqtts://host":    {"host:8883", "host", true},
		"mqtts://[::1]:3": {"[::1]:3", "::1", true},
	} {
		if got, err := parse(uri); err != nil || got != want {
			t.Errorf("%s: %+v, %v", uri, got, err)
		}
	}
}

func TestCredentials(t *testing.T) {
	everywhere(t, setup{password: "right"}, func(t *testing.T, w *world) {
		right := *w.connection
		right.Credentials = &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "gateway", Password: "right"}}
		wrong := right
		wrong.Credentials = &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: "gateway", Password: "wrong"}}
		// The connection was opened with the right ones once; what counts is what they are now.
		config := w.config()
		config.Connection = &right
		for _, row := range []struct {
			now *snapshot.Connection
			ok  bool
		}{{&right, true}, {&wrong, false}, {w.connection, false}, {&right, true}} {
			config.Current = func() *snapshot.Connection { return row.now }
			c, err := w.kind.Dial(t.Context(), config)
			if row.ok != (err == nil) || err != nil && !linktest.IsRefusal(err) {
				t.Fatalf("open: %v", err)
			}
			if err == nil {
				linktest.End(c)
			} else if strings.Contains(err.Error(), "wrong\"") || strings.Contains(err.Error(), "gateway") {
				t.Errorf("credentials in %v", err)
			}
		}
	})
}

func TestTLS(t *testing.T) {
	ours, theirs := linktest.NewAuthority(t), linktest.NewAuthority(t)
	everywhere(t, setup{secure: ours}, func(t *testing.T, w *world) {
		for _, row := range []struct {
			name string
			tls  snapshot.ConnectionTLS
			ok   bool
		}{
			{"trusted", snapshot.ConnectionTLS{CA: ours.CA()}, true},
			{"one of two", snapshot.ConnectionTLS{CA: theirs.CA() + ours.CA()}, true},
			{"another authority", snapshot.ConnectionTLS{CA: theirs.CA()}, false},
			{"those of the system", snapshot.ConnectionTLS{}, false},
			{"another name", snapshot.ConnectionTLS{CA: ours.CA(), ServerName: "broker.example"}, false},
		} {
			for _, scheme := range []string{"ssl", "mqtts"} {
				w.connection.URI = scheme + "://" + w.network.Address
				w.connection.TLS = row.tls
				c, err := w.attempt(t)
				if row.ok != (err == nil) || err != nil && !linktest.IsRefusal(err) {
					t.Errorf("%s: %v", row.name, err)
				}
				if err == nil {
					if o := linktest.Publish(t, c, external.Message{Address: "a"}, snapshot.AtLeastOnce); !o.Delivered() {
						t.Error(o)
					}
					linktest.End(c)
				}
			}
		}
	})
}

func TestNoTLS(t *testing.T) {
	w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
		_, _ = s.in.ReadByte()
		s.write(0x20, 2, 0, 1, 0, 0, 0)
	})
	w.connection.URI = strings.Replace(w.connection.URI, "tcp", "mqtts", 1)
	if _, err := w.attempt(t); !linktest.IsRefusal(err) || !strings.Contains(err.Error(), "does not speak TLS") {
		t.Errorf("got %v", err)
	}
}

func TestClientCertificate(t *testing.T) {
	ours, theirs := linktest.NewAuthority(t), linktest.NewAuthority(t)
	everywhere(t, setup{secure: ours, wanted: true}, func(t *testing.T, w *world) {
		w.connection.URI = "mqtts://" + w.network.Address
		w.connection.TLS.CA = ours.CA()
		for _, row := range []struct {
			name string
			of   *linktest.Authority
		}{{"right", ours}, {"of another authority", theirs}, {"none", nil}} {
			w.connection.Credentials = nil
			if row.of != nil {
				w.connection.Credentials = &snapshot.Credentials{ClientCertificate: row.of.Client("gateway")}
			}
			c, err := w.attempt(t)
			if (row.of == ours) != (err == nil) {
				t.Errorf("%s: %v", row.name, err)
			}
			if err == nil {
				linktest.End(c)
			}
		}
	})
}

func TestRefusedSubscription(t *testing.T) {
	everywhere(t, setup{forbidden: "secret/#"}, func(t *testing.T, w *world) {
		w.source("open", 1, snapshot.AtLeastOnce, "open/#")
		linktest.End(w.dial(t))
		w.source("closed", 1, snapshot.AtLeastOnce, "secret/#")
		_, err := w.attempt(t)
		if !linktest.IsRefusal(err) || !strings.Contains(err.Error(), `"secret/#"`) {
			t.Errorf("got %v", err)
		}
	})
}

// A broker that grants less than at least once is not good enough for who wants that, and is for others.
func TestGrantedLess(t *testing.T) {
	for _, delivery := range []snapshot.DeliveryGuarantee{snapshot.AtLeastOnce, snapshot.AtMostOnce} {
		w := scriptedWorld(t, snapshot.MQTT3, func(s *scripted) {
			s.accept(snapshot.MQTT3, 0)
			body := s.await(packet.SUBSCRIBE)
			s.write(0x90, 3, body[0], body[1], 0)
			s.drain()
		})
		w.source("all", 1, delivery, "from/#")
		c, err := w.attempt(t)
		if (delivery == snapshot.AtMostOnce) != (err == nil) || err != nil && !linktest.IsRefusal(err) {
			t.Errorf("%s: %v", delivery, err)
		}
		if err == nil {
			linktest.End(c)
		}
	}
}

func TestTakenOver(t *testing.T) {
	everywhere(t, setup{}, func(t *testing.T, w *world) {
		first := w.dial(t)
		second := w.dial(t)
		linktest.AwaitLost(t, first)
		// Mosquitto 2.0 ends the connection without a word.
		if w.connection.MQTT.Version == snapshot.MQTT5 && !strings.Contains(t.Name(), "mosquitto") {
			if err := first.Err(); !linktest.IsRefusal(err) || !strings.Contains(err.Error(), "taken over") {
				t.Errorf("lost because of %v", err)
			}
		}
		if o := linktest.Publish(t, second, external.Message{Address: "a"}, snapshot.AtLeastOnce); !o.Delivered() {
			t.Error(o)
		}
	})
}

func TestDisconnected(t *testing.T) {
	for _, row := range []struct {
		packet   []byte
		mendable bool
		text     string
	}{
		{[]byte{0xe0, 1, 0x8b}, false, "shutting down"},
		{[]byte{0xe0, 2, 0x98, 0}, true, "administrator"},
		{[]byte{0xe0, 0}, false, "ended the connection"},
		{[]byte{0xf0, 2, 0, 0}, false, "no broker may send"},
		{[]byte{0x30, 1, 0}, false, "malformed"},
		{[]byte{0x30, 3, 0, 0, 0}, false, "malformed"},
		{[]byte{0x36, 6, 0, 1, 'a', 0, 1, 0}, false, "malformed"},
		{[]byte{0x40, 0xff, 0xff, 0xff, 0xff}, false, "malformed"},
		{[]byte{0x40, 0xff, 0xff, 0xff, 0x7f}, false, "no broker may send"},
	} {
		w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
			s.accept(snapshot.MQTT5, 0)
			s.write(row.packet...)
			s.drain()
		})
		c := w.dial(t)
		linktest.AwaitLost(t, c)
		if err := c.Err(); err == nil || linktest.IsRefusal(err) != row.mendable || !strings.Contains(err.Error(), row.text) {
			t.Errorf("% x: %v", row.packet, err)
		}
	}
}

// What a broker says of a message is its outcome.
func TestOutcomes(t *testing.T) {
	for _, row := range []struct {
		name   string
		qos    string
		answer []byte // after the identifier
		want   link.Outcome
	}{
		{"acknowledged", "1", []byte{0x40}, link.Outcome{Status: 200}},
		{"no subscribers", "1", []byte{0x40, 0x10}, link.Outcome{Status: 200}},
		{"not authorized", "1", []byte{0x40, 0x87}, link.Outcome{Status: 503}},
		{"quota", "1", []byte{0x40, 0x97}, link.Outcome{Status: 503, Again: true}},
		{"refused half way", "2", []byte{0x50, 0x90}, link.Outcome{Status: 503}},
		{"quota half way", "2", []byte{0x50, 0x97}, link.Outcome{Status: 503, Again: true}},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
				s.accept(snapshot.MQTT5, 0)
				body := s.await(packet.PUBLISH)
				at := 2 + int(body[1])
				s.write(append([]byte{row.answer[0], byte(1 + len(row.answer)), body[at], body[at+1]}, row.answer[1:]...)...)
				s.drain()
			})
			c := w.dial(t)
			got := linktest.Publish(t, c, external.Message{Address: "a", Headers: external.Headers{"mqtt.qos": row.qos}}, snapshot.AtLeastOnce)
			if (got.Err == nil) != (row.want.Status == 200) {
				t.Errorf("error %v", got.Err)
			}
			if got.Err = nil; got != row.want {
				t.Errorf("got %+v, want %+v", got, row.want)
			}
		})
	}
}

// What a broker says that it cannot do is not asked of it.
func TestLimitedBroker(t *testing.T) {
	for _, row := range []struct {
		name       string
		properties []byte
		message    external.Message
		qos        byte // as it is sent, if it is
		status     int
	}{
		{"QoS 1 at most", []byte{0x24, 1}, external.Message{Headers: external.Headers{"mqtt.qos": "2"}}, 1, 200},
		{"QoS 0 at most", []byte{0x24, 0}, external.Message{}, 0, 400},
		{"QoS 0 at most and wanted", []byte{0x24, 0}, external.Message{Headers: external.Headers{"mqtt.qos": "0"}}, 0, 200},
		{"nothing retained", []byte{0x25, 0}, external.Message{Headers: external.Headers{"mqtt.retain": "true"}}, 0, 400},
		{"small packets", []byte{0x27, 0, 0, 0, 50}, external.Message{Payload: make([]byte, 50)}, 0, 400},
		{"small enough", []byte{0x27, 0, 0, 0, 50}, external.Message{Payload: make([]byte, 30)}, 1, 200},
	} {
		t.Run(row.name, func(t *testing.T) {
			sent := make(chan byte, 1)
			w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
				s.accept(snapshot.MQTT5, 0, row.properties...)
				h, body := s.read()
				if h.Type != packet.PUBLISH {
					return
				}
				sent <- h.Flags >> 1 & 3
				if at := 2 + int(body[1]); row.qos > 0 {
					s.write(0x40, 2, body[at], body[at+1])
				}
				s.drain()
			})
			c := w.dial(t)
			row.message.Address = "a"
			if got := linktest.Publish(t, c, row.message, snapshot.AtLeastOnce); got.Status != row.status || got.Again {
				t.Errorf("got %+v", got)
			}
			if row.status == 200 {
				if got := <-sent; got != row.qos {
					t.Errorf("sent with QoS %d", got)
				}
			}
		})
	}
}

func TestDialEnds(t *testing.T) {
	for _, after := range []packet.Type{packet.CONNECT, packet.SUBSCRIBE} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			ended := make(chan struct{})
			w := scriptedWorld(t, snapshot.MQTT5, func(s *scripted) {
				if after == packet.SUBSCRIBE {
					s.accept(snapshot.MQTT5, 0)
				}
				s.await(after)
				close(ended)
				s.drain()
			})
			w.source("all", 1, snapshot.AtLeastOnce, "a")
			ctx, cancel := contextUntil(t, ended)
			defer cancel()
			start := time.Now()
			if _, err := w.kind.Dial(ctx, w.config()); !errors.Is(err, ctx.Err()) || err == nil {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		})
	}
}
