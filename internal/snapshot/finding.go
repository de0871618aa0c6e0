package snapshot

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Severity says whether a finding keeps its object out of a snapshot.
type Severity string

const (
	// Error keeps the object out, and with a Gateway the snapshot does not exist.
	Error Severity = "Error"
	// Warning does not.
	Warning Severity = "Warning"
)

// Rule names the kind of rule that a finding is about, for programs.
type Rule string

const (
	// RuleReadable is broken by a file or directory that cannot be read.
	RuleReadable Rule = "Readable"
	// RuleBounded is broken by what is too large or too many.
	RuleBounded Rule = "Bounded"
	// RuleSyntax is broken by text that is not what it should be: YAML, a
	// name, a duration, a quantity.
	RuleSyntax Rule = "Syntax"
	// RuleType is broken by a value of the wrong type.
	RuleType Rule = "Type"
	// RuleKnown is broken by a field or a choice that does not exist.
	RuleKnown Rule = "Known"
	// RuleUnique is broken by what is there twice.
	RuleUnique Rule = "Unique"
	// RuleServed is broken by an object of a kind that is not served.
	RuleServed Rule = "Served"
	// RuleRequired is broken by something missing.
	RuleRequired Rule = "Required"
	// RuleRange is broken by a value outside its bounds.
	RuleRange Rule = "Range"
	// RuleReference is broken by a reference to an object that is missing.
	RuleReference Rule = "Reference"
	// RuleTemplate is broken by text that is no template, or by one with
	// placeholders that do not exist where it is.
	RuleTemplate Rule = "Template"
	// RuleFilter is broken by text that is no RQL expression, or by one over
	// properties that do not exist where it is.
	RuleFilter Rule = "Filter"
	// RuleKeys is broken by content that is no acceptable set of public keys.
	RuleKeys Rule = "Keys"
	// RuleCertificates is broken by content that is no acceptable certificates.
	RuleCertificates Rule = "Certificates"
	// RulePasswordHash is broken by a value that is no acceptable hash.
	RulePasswordHash Rule = "PasswordHash"
)

// Object names an object of the cluster or of a manifest.
type Object struct {
	// Kind, Namespace and Name are those of the object; an object that has no
	// name yet has only a kind.
	Kind, Namespace, Name string
}

// String returns "Kind namespace/name", or as much of it as is known.
func (o Object) String() string {
	switch {
	case o.Name == "":
		return o.Kind
	case o.Namespace == "":
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

// Finding is one thing that is wrong, or may be, with one object. It never
// holds a value of a Secret.
type Finding struct {
	// Severity says whether the finding keeps the object, or who refers to it,
	// out of a snapshot.
	Severity Severity
	// Object is what the finding is about; zero when it is about a file.
	Object Object
	// File is the file or directory the object was read from; empty when it
	// came from a cluster.
	File string
	// Document counts the YAML documents of the file from 1; 0 when the
	// finding is about the whole file.
	Document int
	// Line counts the lines of the file from 1; 0 when it is not known.
	Line int
	// FieldPath is the field, as in spec.listener.port or data[name]; empty
	// when the finding is about the whole object.
	FieldPath string
	// Rule is the kind of rule that is broken.
	Rule Rule
	// Message says what is wrong, for people.
	Message string
}

// String returns the finding as one line of printable text:
//
//	gateways.yaml[1] Gateway default/demo: spec.listener.port (line 7): must be between 1 and 65535, got 0
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(printable(f.File))
	if f.Document > 0 {
		fmt.Fprintf(&b, "[%d]", f.Document)
	}
	if object := f.Object.String(); object != "" {
		b.WriteString(separated(&b, " ") + printable(object))
	}
	if f.Severity == Warning {
		b.WriteString(separated(&b, ": ") + "warning")
	}
	if f.FieldPath != "" {
		b.WriteString(separated(&b, ": ") + printable(f.FieldPath))
	}
	if f.Line > 0 {
		fmt.Fprintf(&b, "%s(line %d)", separated(&b, " "), f.Line)
	}
	b.WriteString(separated(&b, ": ") + printable(f.Message))
	return b.String()
}

// separated returns sep, or nothing as long as b is empty.
func separated(b *strings.Builder, sep string) string {
	if b.Len() == 0 {
		return ""
	}
	return sep
}

// maxPrinted bounds each part of a printed finding, in bytes.
const maxPrinted = 300

// printable returns s on one line, without control characters that a terminal
// would obey, and shortened where it is very long.
func printable(s string) string {
	if len(s) > maxPrinted {
		s = strings.ToValidUTF8(s[:maxPrinted], "") + "…"
	}
	if strings.IndexFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) || r == unicode.ReplacementChar }) < 0 {
		return s
	}
	quoted := strconv.QuoteToGraphic(s)
	return quoted[1 : len(quoted)-1]
}

// Findings is everything found, in the order of the files and objects.
type Findings []Finding

// HasErrors says whether one of the findings is an error.
func (fs Findings) HasErrors() bool {
	for _, f := range fs {
		if f.Severity == Error {
			return true
		}
	}
	return false
}

// Print writes the findings, one line each.
func (fs Findings) Print(w io.Writer) error {
	for _, f := range fs {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return fmt.Errorf("print findings: %w", err)
		}
	}
	return nil
}
