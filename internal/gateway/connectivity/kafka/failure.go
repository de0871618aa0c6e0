package kafka

import (
	"errors"
	"io"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// denials are errors of brokers that somebody has to mend, and what they come to.
var denials = map[*kerr.Error]string{
	kerr.SaslAuthenticationFailed:   "the brokers do not accept the user name and password",
	kerr.UnsupportedSaslMechanism:   "the brokers do not know this SASL mechanism",
	kerr.IllegalSaslState:           "the brokers do not log anybody in here, or want it done another way",
	kerr.TopicAuthorizationFailed:   "not allowed to use the topic",
	kerr.GroupAuthorizationFailed:   "not allowed to use the consumer group",
	kerr.ClusterAuthorizationFailed: "not allowed to use the cluster",
}

// failure returns what people are told of an error: a *link.Refusal if somebody has to mend something.
func failure(err error) error {
	if known := (*kerr.Error)(nil); errors.As(err, &known) {
		if text := denials[known]; text != "" {
			return refusal("%s", text)
		}
		return err
	}
	switch {
	case errors.Is(err, errNoLogin):
		return refusal("%w", errNoLogin)
	case errors.As(err, new(*kgo.ErrFirstReadEOF)):
		return errors.New("the broker has closed the connection at once: it may expect TLS, or a login")
	}
	return link.Failure(err)
}

// unwelcome returns what people are told when no broker could be connected to at all. Some say nothing to who cannot log in.
func unwelcome(config link.Config, err error) error {
	if config.Connection.Kafka.SASLMechanism != "" && errors.Is(err, io.EOF) {
		return refusal("the broker has closed the connection during the login: it may not accept the user name and password")
	}
	return failure(err)
}

// passing are errors of brokers that are not worth another try, and yet go away: the group is left and joined again, the topic is
// looked for again.
var passing = []*kerr.Error{
	kerr.UnknownMemberID, kerr.IllegalGeneration, kerr.RebalanceInProgress, kerr.FencedInstanceID, kerr.UnknownTopicID,
}

// fatal says whether an error of consuming does not go away by itself. Those of the network do, or the watch finds out.
func fatal(err error) bool {
	if known := (*kerr.Error)(nil); errors.As(err, &known) {
		return !known.Retriable && !slices.Contains(passing, known)
	}
	return errors.Is(err, errNoLogin) || errors.As(err, new(*kgo.ErrDecompressTooLarge))
}

// others says that a group has members, who know better what is committed.
func others(err error) bool {
	return slices.ContainsFunc([]*kerr.Error{kerr.UnknownMemberID, kerr.IllegalGeneration, kerr.RebalanceInProgress},
		func(one *kerr.Error) bool { return errors.Is(err, one) })
}
