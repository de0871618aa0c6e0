package placeholder

// Placeholder names something that a [Source] may know.
type Placeholder struct {
	Prefix, Name string
}

// String returns the placeholder as it stands in a template.
func (p Placeholder) String() string { return p.Prefix + ":" + p.Name }

// Source knows what placeholders stand for.
type Source interface {
	// Lookup returns the values of a placeholder, of which there may be none. It reports false if there is no such
	// placeholder. The values are not modified.
	Lookup(prefix, name string) (values []string, known bool)
}
