package compile

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const maxURI = 2048 // characters

var (
	uriSyntax      = regexp.MustCompile(`^[a-z]+://[^/@?#[:space:][:cntrl:]]+(/[^@?#[:space:][:cntrl:]]*)?$`)
	endpointSyntax = regexp.MustCompile(`^https://[^/@?#[:space:][:cntrl:]]+(/[^@#[:space:][:cntrl:]]*)?$`)
)

// schemes holds what the URI of a Connection may begin with, by its type.
var schemes = map[v1alpha1.ConnectionType]*regexp.Regexp{
	v1alpha1.ConnectionDittoWebSocket: regexp.MustCompile(`^wss?://`),
	v1alpha1.ConnectionHTTPPush:       regexp.MustCompile(`^https?://`),
	v1alpha1.ConnectionMQTT:           regexp.MustCompile(`^(mqtts?|tcp|ssl)://`),
	v1alpha1.ConnectionKafka:          regexp.MustCompile(`^(tcp|ssl)://`),
	v1alpha1.ConnectionNATS:           regexp.MustCompile(`^(nats|tls)://`),
}

// uri checks where the other end of a Connection is. Findings do not show it, as
// there may be a password in it that does not belong there.
func (c *check) uri(path, uri string, kind v1alpha1.ConnectionType) string {
	if !c.urlText(path, uri, uriSyntax, "scheme://host:port/path, without user name, password, query and fragment") {
		return uri
	}
	if scheme := schemes[kind]; scheme != nil && !scheme.MatchString(uri) {
		c.errorf(path, snapshot.RuleKnown, "the scheme of uri must fit type: ws or wss for DittoWebSocket, http or https for HTTPPush, "+
			"mqtt, mqtts, tcp or ssl for MQTT, tcp or ssl for Kafka, nats or tls for NATS")
	}
	if kind != v1alpha1.ConnectionKafka && (strings.Contains(uri, ",") || !isURL(uri)) {
		c.errorf(path, snapshot.RuleSyntax, "uri must be one URL; only for type Kafka it may have several addresses")
		return uri
	}
	scheme, rest, _ := strings.Cut(uri, "://")
	authority, _, _ := strings.Cut(rest, "/")
	for address := range strings.SplitSeq(authority, ",") {
		if !isAddress(scheme + "://" + address) {
			c.errorf(path, snapshot.RuleSyntax, "must have a host, and a port between 1 and 65535 if any")
			break
		}
	}
	return uri
}

// endpoint checks the URL of a token endpoint.
func (c *check) endpoint(path, endpoint string) string {
	const description = "an HTTPS URL without user name and fragment"
	if c.urlText(path, endpoint, endpointSyntax, description) && (!isURL(endpoint) || !isAddress(endpoint)) {
		c.errorf(path, snapshot.RuleSyntax, "must be %s", description)
	}
	return endpoint
}

// urlText is text without showing what is there. It says whether it has the
// syntax.
func (c *check) urlText(path, value string, syntax *regexp.Regexp, description string) bool {
	length := utf8.RuneCountInString(value)
	switch {
	case length > maxURI:
		c.errorf(path, snapshot.RuleRange, "must have at most %d characters, got %d", maxURI, length)
	case !syntax.MatchString(value):
		c.errorf(path, snapshot.RuleSyntax, "must be %s", description)
	default:
		return true
	}
	return false
}

func isURL(text string) bool {
	_, err := url.ParseRequestURI(text)
	return err == nil
}

// isAddress says whether a URL has a host, and no port that there cannot be.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return false
	}
	if u.Port() == "" {
		return true
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && port > 0
}
