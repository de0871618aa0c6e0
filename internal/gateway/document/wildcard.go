package document

// Wildcard is a pattern in which * stands for any text, also none, and ? for any one character.
type Wildcard string

// Match reports whether the pattern stands for all of text. It takes time in proportion to the product of both lengths at
// worst.
func (w Wildcard) Match(text string) bool {
	pattern, rest := []rune(string(w)), []rune(text)
	p, t := 0, 0
	star, mark := -1, 0 // the last * met, and where what it stands for ends
	for t < len(rest) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == rest[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
