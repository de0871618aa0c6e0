package conformance

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	requestForm = regexp.MustCompile(`^([a-z]+)> ([A-Z]+) (/\S*|\*)(?: (.+))?$`)
	answerForm  = regexp.MustCompile(`^([a-z]+)< ([1-5]\d\d)(?: (.+))?$`)
	headerForm  = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]*):(?: (.*))?$`)
	codeForm    = regexp.MustCompile(`^[a-z][A-Za-z0-9-]*(?:[.:][A-Za-z0-9.-]+)+$`)
)

// bytesMark is before a body that is quoted as in Go.
const bytesMark = "bytes "

// parseHTTP reads the steps of HTTP, nil for others.
func parseHTTP(s statement) (action, error) {
	if m := requestForm.FindStringSubmatch(s.parts[0]); m != nil {
		return parseRequest(m[1], m[2], m[3], lines(m[4], s.parts[1:]))
	}
	if m := answerForm.FindStringSubmatch(s.parts[0]); m != nil {
		return parseAnswer(m[1], m[2], lines(m[3], s.parts[1:]))
	}
	return nil, nil
}

// lines are those of a statement that follow what it begins with.
func lines(first string, more []string) []string {
	if first == "" {
		return more
	}
	return append([]string{first}, more...)
}

// cutHeaders returns the headers at the beginning of lines, and what follows them as one line. A line of dots says that there may
// be others.
func cutHeaders(lines []string) (header []headerLine, open bool, body string) {
	for i, line := range lines {
		m := headerForm.FindStringSubmatch(line)
		switch {
		case m != nil:
			header = append(header, headerLine{name: m[1], value: m[2]})
		case line == rest && i+1 < len(lines):
			open = true
		default:
			return header, open, strings.Join(lines[i:], " ")
		}
	}
	return header, open, ""
}

func parseRequest(name, method, target string, lines []string) (action, error) {
	a := &request{name: name, method: method, target: target}
	if len(lines) > 0 && headerForm.FindStringSubmatch(lines[0]) == nil {
		// A body in the first line comes before the headers.
		var first string
		first, lines = bodyFirst(lines)
		a.body = first
	}
	header, _, body := cutHeaders(lines)
	if a.body != "" && body != "" {
		return nil, fmt.Errorf("request %w: two bodies", errArguments)
	}
	a.header, a.body = header, a.body+body
	failed := checkPlaceholders(target)
	for _, line := range header {
		failed = errors.Join(failed, checkPlaceholders(line.value))
	}
	if quoted, ok := strings.CutPrefix(a.body, bytesMark); ok {
		bytes, err := strconv.Unquote(quoted)
		a.body = bytes
		return a, errors.Join(failed, err, checkPlaceholders(bytes))
	}
	a.json = a.body != ""
	return a, errors.Join(failed, checkSent(a.body))
}

// bodyFirst returns a body at the beginning of lines, and the lines of headers behind it.
func bodyFirst(lines []string) (body string, header []string) {
	for i, line := range lines {
		if headerForm.MatchString(line) || line == rest {
			return strings.Join(lines[:i], " "), lines[i:]
		}
	}
	return strings.Join(lines, " "), nil
}

// checkSent finds slips in JSON that is to be sent as a body.
func checkSent(body string) error {
	if body == "" {
		return nil
	}
	if err := checkPlaceholders(body); err != nil {
		return err
	}
	if _, err := decode([]byte(body)); err != nil {
		return fmt.Errorf("sent body: %w", err)
	}
	return nil
}

func parseAnswer(name, code string, lines []string) (action, error) {
	status, err := strconv.Atoi(code)
	if err != nil {
		return nil, err
	}
	a := &answer{name: name, status: status}
	var first, behind string
	if len(lines) > 0 && !headerForm.MatchString(lines[0]) && lines[0] != rest {
		first, lines = bodyFirst(lines)
	}
	if len(lines) > 0 && lines[len(lines)-1] == rest {
		a.open, lines = true, lines[:len(lines)-1]
	}
	a.header, _, behind = cutHeaders(lines)
	if first != "" && behind != "" {
		return nil, fmt.Errorf("answer %w: two bodies", errArguments)
	}
	for _, line := range a.header {
		err = errors.Join(err, checkPlaceholders(line.value))
	}
	var failed error
	a.body, failed = parseContent(status, first+behind)
	return a, errors.Join(err, failed)
}

// parseContent reads what a body has to be: nothing, "any", the code of an error, bytes, or JSON.
func parseContent(status int, text string) (content, error) {
	c := content{source: text}
	var err error
	switch quoted, exact := strings.CutPrefix(text, bytesMark); {
	case text == "":
	case text == "any":
		c.kind = anyContent
	case exact:
		c.kind = exactContent
		c.source, err = strconv.Unquote(quoted)
		err = errors.Join(err, checkPlaceholders(c.source))
	case codeForm.MatchString(text):
		c.kind = jsonContent
		c.tree, err = parseTree(fmt.Sprintf(`{"status":%d, "error":%q, "message":"<text>", ...}`, status, text))
	default:
		c.kind = jsonContent
		if c.tree, err = parseTree(text); err != nil {
			err = fmt.Errorf("expected body: %w", err)
		}
	}
	return c, err
}
