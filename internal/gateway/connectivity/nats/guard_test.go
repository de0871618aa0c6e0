package nats

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/link/linktest"
	"github.com/twinway/twinway/internal/snapshot"
)

// hostile returns the address of what logs everybody in and then says something, whatever it is.
func hostile(t *testing.T, says string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = fmt.Fprint(conn, `INFO {"server_id":"x","version":"2.12.0","proto":1,"headers":true,"max_payload":1048576}`+"\r\n")
		for in := bufio.NewScanner(conn); in.Scan(); {
			if strings.HasPrefix(in.Text(), "PING") {
				_, _ = fmt.Fprint(conn, "PONG\r\n"+says)
				says = ""
			}
		}
	}()
	return "nats://" + listener.Addr().String()
}

// The library makes room for as much as a server announces.
func TestServerThatAnnouncesTooMuch(t *testing.T) {
	for name, says := range map[string]string{
		"a message as long as there is no memory":     "MSG a 1 9000000000000000000\r\nx",
		"one with headers":                            "HMSG a 1 12 9000000000000000000\r\nx",
		"a length that begins anew":                   "MSG a 1 18446744073709551617\r\nx",
		"a second one after a message":                "MSG a 1 3\r\nabc\r\nMSG a 1 9000000000000000000\r\nx",
		"a second one after a message that runs over": "MSG a 1 3\r\nabcdefg\r\nMSG a 1 9000000000000000000\r\nx",
		"lower case and tabs":                         "msg\ta\t1\t9000000000000000000\r\nx",
		"a line without end":                          "INFO " + strings.Repeat("x", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			connection := &snapshot.Connection{Name: "n", URI: hostile(t, says), NATS: &snapshot.NATS{}}
			connection.Sources = []snapshot.Source{source("s", snapshot.AtMostOnce, "a")}
			client, err := kind{swift}.Dial(t.Context(), linktest.Config(connection, &linktest.Inbox{}))
			if err != nil {
				return
			}
			defer linktest.End(client)
			linktest.AwaitLost(t, client)
		})
	}
}
