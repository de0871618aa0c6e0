package rql

import "strings"

// ParseOrder reads the name of a property by which a search sorts, which stands in a text at an index, and returns the index
// after it. It ends as properties of expressions do. Errors are of type [*Error]: ErrSyntax, ErrProperty, ErrTooComplex.
//
// Protocol rule: it is one that a search can compare, and of one place in a thing.
func ParseOrder(text string, at int) (name string, end int, err error) {
	p := parser{text: text, at: at}
	property, err := p.property()
	if err != nil {
		return "", 0, err
	}
	if err := CheckSearch(Comparison{Operator: Equal, Property: property}); err != nil {
		return "", 0, err
	}
	if _, err := property.pointer(); err != nil {
		return "", 0, err
	}
	if strings.HasPrefix(property.Name, "features/"+anyFeature+"/") {
		return "", 0, &Error{Err: ErrProperty, Expected: "one feature", Found: shorten(property.Name), Offset: at}
	}
	return property.Name, p.at, nil
}
