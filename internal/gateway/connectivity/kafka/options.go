package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// maxAnswer is how large the answer of a broker may be, and what is in it once it is inflated, in bytes.
const maxAnswer = 64 << 20

// common returns what producers and consumers are made with.
func common(t times, config link.Config) []kgo.Opt {
	encrypted, seeds := brokers(config.Connection.URI)
	options := []kgo.Opt{
		kgo.ClientID(clientID(config.Connection.Name)),
		kgo.SeedBrokers(seeds...),
		kgo.Dialer(dialer(t, config, encrypted)),
		kgo.RequestTimeoutOverhead(t.answer),
		kgo.BrokerMaxReadBytes(maxAnswer),
		kgo.MaxDecompressBatchBytes(maxAnswer),
		kgo.MetadataMinAge(t.answer / 10),
		kgo.DisableClientMetrics(),
	}
	if mechanism := login(config); mechanism != nil {
		options = append(options, kgo.SASL(mechanism))
	}
	return options
}

// maxClientID is how long the name may be that brokers know a client by, in bytes.
const maxClientID = 256

// clientID returns what brokers know the client of a connection by.
func clientID(name string) string {
	id := "twinway-" + name
	return id[:min(len(id), maxClientID)]
}

// brokers returns where to begin, and whether TLS is spoken there.
func brokers(uri string) (encrypted bool, seeds []string) {
	scheme, rest, _ := strings.Cut(uri, "://")
	authority, _, _ := strings.Cut(rest, "/")
	return scheme == "ssl", strings.Split(authority, ",")
}

// dialer returns what connects to a broker. Whom to trust and what to show is looked up for each connection, as it may have changed.
func dialer(t times, config link.Config, encrypted bool) func(context.Context, string, string) (net.Conn, error) {
	plain := &net.Dialer{Timeout: t.answer}
	if !encrypted {
		return plain.DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		how, err := link.TLS(config.Current(), host)
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, 2*t.answer)
		defer cancel()
		return (&tls.Dialer{NetDialer: plain, Config: how}).DialContext(ctx, network, address)
	}
}

// errNoLogin says that there is nothing to log in with any more.
var errNoLogin = errors.New("there are no user name and password to log in with")

// login returns how to log in, nil if that is not asked for. Name and password are looked up for each connection, and when a broker
// wants to see them again.
func login(config link.Config) sasl.Mechanism {
	basic := func() (user, password string, err error) {
		credentials := config.Current().Credentials
		if credentials == nil || credentials.Basic == nil {
			return "", "", errNoLogin
		}
		return string(credentials.Basic.Username), string(credentials.Basic.Password), nil
	}
	proof := func(context.Context) (scram.Auth, error) {
		user, password, err := basic()
		return scram.Auth{User: user, Pass: password}, err
	}
	switch config.Connection.Kafka.SASLMechanism {
	case snapshot.SASLPlain:
		return plain.Plain(func(context.Context) (plain.Auth, error) {
			user, password, err := basic()
			return plain.Auth{User: user, Pass: password}, err
		})
	case snapshot.SASLScram256:
		return scram.Sha256(proof)
	case snapshot.SASLScram512:
		return scram.Sha512(proof)
	}
	return nil
}
