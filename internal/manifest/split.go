package manifest

import "bytes"

// chunk is one YAML document as it stands in its file.
type chunk struct {
	// text is the document without the marker that separates it.
	text []byte
	// line is the line of the file that text begins on, counted from 1.
	line int
}

// split cuts a file at the lines that separate YAML documents. Chunks of
// nothing but white space and comments are left out.
func split(data []byte) []chunk {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var chunks []chunk
	begin, beginLine := 0, 1
	end, line := 0, 1
	for text := range bytes.Lines(data) {
		if isSeparator(text) {
			chunks = appendContent(chunks, chunk{text: data[begin:end], line: beginLine})
			// The parser does not take a tab between marker and comment.
			rest := bytes.TrimLeft(text[len("---"):], " \t")
			begin, beginLine = end+len(text)-len(rest), line
		}
		end += len(text)
		line++
	}
	return appendContent(chunks, chunk{text: data[begin:], line: beginLine})
}

// isSeparator says whether a line begins a document. Nothing else that begins
// with the marker may stand at the beginning of a line.
func isSeparator(line []byte) bool {
	rest, marked := bytes.CutPrefix(line, []byte("---"))
	return marked && (len(rest) == 0 || bytes.ContainsRune([]byte(" \t\r\n"), rune(rest[0])))
}

func appendContent(chunks []chunk, c chunk) []chunk {
	for text := range bytes.Lines(c.text) {
		if text = bytes.TrimSpace(text); len(text) > 0 && text[0] != '#' {
			return append(chunks, c)
		}
	}
	return chunks
}
