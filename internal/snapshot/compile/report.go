package compile

import (
	"fmt"

	"github.com/twinway/twinway/internal/snapshot"
)

// DefaultNamespace is the namespace of an object that names none.
const DefaultNamespace = "default"

// report collects what is found.
type report struct {
	findings snapshot.Findings
}

// check is what reports findings about one object.
type check struct {
	report *report
	object snapshot.Object
	origin Origin
}

// about returns the check of one object.
func (r *report) about(kind, namespace, name string, origin Origin) *check {
	return &check{
		report: r,
		object: snapshot.Object{Kind: kind, Namespace: namespaceOf(namespace), Name: name},
		origin: origin,
	}
}

// errorf reports that a field breaks a rule.
func (c *check) errorf(path string, rule snapshot.Rule, format string, args ...any) {
	c.add(snapshot.Error, path, rule, format, args...)
}

// warnf reports that a field is allowed what it says, but that it may be a
// mistake.
func (c *check) warnf(path string, rule snapshot.Rule, format string, args ...any) {
	c.add(snapshot.Warning, path, rule, format, args...)
}

func (c *check) add(severity snapshot.Severity, path string, rule snapshot.Rule, format string, args ...any) {
	c.report.findings = append(c.report.findings, snapshot.Finding{
		Severity:  severity,
		Object:    c.object,
		File:      c.origin.File,
		Document:  c.origin.Document,
		Line:      c.origin.line(path),
		FieldPath: path,
		Rule:      rule,
		Message:   fmt.Sprintf(format, args...),
	})
}

func (o Origin) line(path string) int {
	if o.Line == nil {
		return 0
	}
	return o.Line(path)
}

func namespaceOf(namespace string) string {
	if namespace == "" {
		return DefaultNamespace
	}
	return namespace
}
