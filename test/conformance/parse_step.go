package conformance

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

var (
	frameForm = regexp.MustCompile(`^([a-z]+)(>|<\*|<) (.+)$`)
	verbForm  = regexp.MustCompile(`^([a-z]+) (sends|refused|closes|leaves)(?: (.+))?$`)

	errUnknownStep = errors.New("unknown step")
	errNotSendable = errors.New(`is neither a JSON object nor a control message; use "sends text" for anything else`)
	errArguments   = errors.New("has wrong arguments")
)

func parseStatement(s statement) (action, error) {
	text := s.text()
	verb, arguments, _ := strings.Cut(text, " ")
	switch verb {
	case "connect":
		name, to, err := parseConnect(s)
		return &connect{name, to}, err
	case "watch":
		name, to, err := parseConnect(s)
		return &watch{name, to}, err
	case "thing":
		name, value, err := parseFixture(verb, arguments)
		return &thing{name, value}, err
	case "policy":
		return parsePolicy(s)
	case "client":
		name, to, err := parseConnect(s)
		return &client{name, to}, err
	}
	if act, err := parseHTTP(s); act != nil || err != nil {
		return act, err
	}
	if m := frameForm.FindStringSubmatch(text); m != nil {
		return parseFrame(m[1], m[2], m[3])
	}
	if m := verbForm.FindStringSubmatch(text); m != nil {
		return parseVerb(m[1], m[2], m[3])
	}
	return nil, fmt.Errorf("%w: %s", errUnknownStep, text)
}

func parseFixture(verb, arguments string) (name, value string, err error) {
	name, value, _ = strings.Cut(arguments, " ")
	if value == "" {
		value = "{}"
	}
	if name == "" {
		return "", "", fmt.Errorf("%s %w", verb, errArguments)
	}
	return name, value, errors.Join(checkPlaceholders(name), checkObject(value))
}

func parseFrame(session, direction, text string) (action, error) {
	if direction == ">" {
		return parseSend(session, text)
	}
	if text == "nothing" && direction == "<" {
		return &nothing{session}, nil
	}
	p, err := parsePattern(text)
	return &expect{session: session, patterns: []pattern{p}, anyOrder: direction == "<*"}, err
}

func parseSend(session, text string) (action, error) {
	s := &send{session: session, text: text, json: text[0] == '{'}
	if s.json {
		return s, checkObject(text)
	}
	for _, word := range []string{"START-", "STOP-", "JWT-TOKEN"} {
		if strings.HasPrefix(text, word) {
			return s, checkPlaceholders(text)
		}
	}
	return nil, fmt.Errorf("%q %w", text, errNotSendable)
}

// checkObject finds slips in JSON that is to be sent. Placeholders stand inside of strings and are no obstacle.
func checkObject(text string) error {
	if err := checkPlaceholders(text); err != nil {
		return err
	}
	v, err := decode([]byte(text))
	if err != nil {
		return fmt.Errorf("sent envelope: %w", err)
	}
	if _, ok := v.(object); !ok {
		return fmt.Errorf("%q %w", text, errNotSendable)
	}
	return nil
}

func parseVerb(session, verb, arguments string) (action, error) {
	switch verb {
	case "sends":
		return parseRaw(session, arguments)
	case "refused":
		return parseRefused(session, arguments)
	case "closes":
		return parseCloses(session, arguments)
	}
	if arguments != "" {
		return nil, fmt.Errorf("leaves %w", errArguments)
	}
	return &leaves{session}, nil
}

func parseRaw(session, arguments string) (action, error) {
	kind, quoted, _ := strings.Cut(arguments, " ")
	bytes, err := strconv.Unquote(quoted)
	if err != nil || (kind != "text" && kind != "binary") {
		return nil, fmt.Errorf("sends %w", errArguments)
	}
	return &sendRaw{session, bytes, kind == "binary"}, checkPlaceholders(bytes)
}

func parseRefused(session, arguments string) (action, error) {
	code, body, _ := strings.Cut(arguments, " ")
	status, err := strconv.Atoi(code)
	if err != nil || body == "" {
		return nil, fmt.Errorf("refused %w", errArguments)
	}
	p, err := parsePattern(body)
	return &refused{session, status, p}, err
}

func parseCloses(session, arguments string) (action, error) {
	if arguments == "" {
		return &closes{session: session}, nil
	}
	code, err := strconv.Atoi(arguments)
	if err != nil {
		return nil, fmt.Errorf("closes %w", errArguments)
	}
	return &closes{session, code}, nil
}

// parseConnect reads the options of a handshake; the lines that continue the statement are headers.
func parseConnect(s statement) (name string, to endpoint, err error) {
	words := strings.Fields(s.parts[0])[1:]
	if len(words) == 0 {
		return "", to, fmt.Errorf("connect %w", errArguments)
	}
	name, words = words[0], words[1:]
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		switch {
		case word[0] == '/':
			to.path = word
		case word[0] == '?':
			to.query = word
		case word == "anonymous":
			to.anonymous = true
		case word == "as" && len(words) > 0:
			to.credentials, words = words[0], words[1:]
		case word == "for" && len(words) > 0:
			to.subjects, words = words[0], words[1:]
		default:
			return "", to, fmt.Errorf("connect %w: %s", errArguments, word)
		}
	}
	to.header = http.Header{}
	for _, line := range s.parts[1:] {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return "", to, fmt.Errorf("header %w: %s", errArguments, line)
		}
		to.header.Add(key, strings.TrimSpace(value))
	}
	return name, to, checkPlaceholders(to.query)
}
