package manifest

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/twinway/twinway/internal/snapshot"
)

// report adds a finding about the document.
func (d *document) report(f snapshot.Finding) {
	d.found++
	switch {
	case d.found > maxFindings:
		return
	case d.found == maxFindings:
		f = snapshot.Finding{Severity: snapshot.Error, Rule: snapshot.RuleBounded, Message: "more findings are not shown"}
	}
	f.File, f.Document, f.Object = d.origin.File, d.origin.Document, d.object
	d.findings = append(d.findings, f)
}

// errorf reports that a field breaks a rule.
func (d *document) errorf(path string, rule snapshot.Rule, format string, args ...any) {
	d.report(snapshot.Finding{
		Severity:  snapshot.Error,
		Line:      d.tree.line(path),
		FieldPath: path,
		Rule:      rule,
		Message:   fmt.Sprintf(format, args...),
	})
}

var (
	parserMessage = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?(.*)`)
	citedValue    = regexp.MustCompile("`[^`]*`|'[^']{2,}'")
)

// syntaxError reports a document that cannot be parsed. What the parser cites
// is left out, as it may be the value of a Secret.
func (d *document) syntaxError(err error, c chunk) {
	f := snapshot.Finding{Severity: snapshot.Error, Line: c.line, Rule: snapshot.RuleSyntax, Message: "cannot be parsed as YAML"}
	if errors.Is(err, errTrailing) || errors.Is(err, errNotObject) {
		f.Message = err.Error()
	}
	if m := parserMessage.FindStringSubmatch(err.Error()); m != nil {
		f.Message = citedValue.ReplaceAllString(m[2], "…")
		if line, err := strconv.Atoi(m[1]); err == nil {
			f.Line += line - 1
		}
	}
	d.report(f)
}
