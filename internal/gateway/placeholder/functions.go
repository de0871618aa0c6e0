package placeholder

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"
)

// function makes a stage of the parameters. It returns nil if it cannot have them, or if it is the first of an expression
// and cannot be.
type function func(args []argument, first bool) stage

var functions = map[string]function{
	"default":          fnDefault,
	"delete":           fnDelete,
	"filter":           fnFilter,
	"format":           fnFormat,
	"join":             fnJoin,
	"replace":          fnReplace,
	"split":            fnSplit,
	"substring-before": substring(func(before, _ string) string { return before }),
	"substring-after":  substring(func(_, after string) string { return after }),
	"lower":            each(always(strings.ToLower)),
	"upper":            each(always(strings.ToUpper)),
	"trim":             each(always(strings.TrimSpace)),
	"url-encode":       each(always(url.QueryEscape)),
	"url-decode":       each(urlDecode),
	"base64-encode":    each(always(base64Encode)),
	"base64-decode":    each(base64Decode),
}

// fnDefault gives its parameter if there is nothing else.
func fnDefault(args []argument, _ bool) stage {
	if len(args) != 1 {
		return nil
	}
	return func(e *evaluation, in value) (value, error) {
		if len(in.texts) > 0 {
			return in, nil
		}
		texts, err := args[0].texts(e)
		return value{texts: texts}, err
	}
}

// fnDelete deletes what the template stands for, whatever it would have been.
func fnDelete(args []argument, _ bool) stage {
	if len(args) != 0 {
		return nil
	}
	return func(*evaluation, value) (value, error) { return value{deleted: true}, nil }
}

// each makes a function without parameters of one that maps a text, or reports that it has no answer.
func each(convert func(string) (string, bool)) function {
	return func(args []argument, first bool) stage {
		if len(args) != 0 || first {
			return nil
		}
		return func(e *evaluation, in value) (out value, err error) {
			for _, text := range in.texts {
				converted, ok := convert(text)
				if !ok {
					continue
				}
				if err := e.spend(len(converted)); err != nil {
					return out, err
				}
				out.texts = append(out.texts, converted)
			}
			return out, nil
		}
	}
}

func always(convert func(string) string) func(string) (string, bool) {
	return func(text string) (string, bool) { return convert(text), true }
}

func urlDecode(text string) (string, bool) {
	decoded, err := url.QueryUnescape(text)
	return decoded, err == nil && utf8.ValidString(decoded)
}

func base64Encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func base64Decode(text string) (string, bool) {
	decoded, err := base64.StdEncoding.DecodeString(text)
	return string(decoded), err == nil && utf8.Valid(decoded)
}

// substring makes a function of what to take of a text that has the parameter in it.
func substring(part func(before, after string) string) function {
	return separated(func(e *evaluation, text, separator string, out *value) error {
		before, after, found := strings.Cut(text, separator)
		if !found {
			return nil
		}
		out.texts = append(out.texts, part(before, after))
		return e.spend(0) // it shares the text's bytes
	})
}

// fnSplit gives the parts between separators.
func fnSplit(args []argument, first bool) stage {
	return separated(func(e *evaluation, text, separator string, out *value) error {
		for part := range strings.SplitSeq(text, separator) {
			if err := e.spend(0); err != nil {
				return err
			}
			out.texts = append(out.texts, part)
		}
		return nil
	})(args, first)
}

// separated makes a function with a separator as parameter, which cannot be empty, of one that appends to out what it
// gives for one text.
func separated(take func(e *evaluation, text, separator string, out *value) error) function {
	return func(args []argument, first bool) stage {
		if len(args) != 1 || first || args[0].is("") {
			return nil
		}
		return func(e *evaluation, in value) (out value, err error) {
			separator, ok, err := args[0].text(e)
			if err != nil || !ok || separator == "" {
				return out, err
			}
			for _, text := range in.texts {
				if err := take(e, text, separator, &out); err != nil {
					return out, err
				}
			}
			return out, nil
		}
	}
}

// fnJoin makes one text of all.
func fnJoin(args []argument, first bool) stage {
	if len(args) != 1 || first {
		return nil
	}
	return func(e *evaluation, in value) (value, error) {
		separator, ok, err := args[0].text(e)
		if err != nil || !ok || len(in.texts) == 0 {
			return value{}, err
		}
		size := len(separator) * (len(in.texts) - 1)
		for _, text := range in.texts {
			size += len(text)
		}
		if err := e.spend(size); err != nil {
			return value{}, err
		}
		return value{texts: []string{strings.Join(in.texts, separator)}}, nil
	}
}

// fnReplace replaces every occurrence of one text by another.
func fnReplace(args []argument, first bool) stage {
	if len(args) != 2 || first || args[0].is("") {
		return nil
	}
	return func(e *evaluation, in value) (out value, err error) {
		from, ok, err := args[0].text(e)
		if err != nil || !ok || from == "" {
			return out, err
		}
		to, ok, err := args[1].text(e)
		if err != nil || !ok {
			return out, err
		}
		for _, text := range in.texts {
			if err := e.spend(len(text) + strings.Count(text, from)*(len(to)-len(from))); err != nil {
				return out, err
			}
			out.texts = append(out.texts, strings.ReplaceAll(text, from, to))
		}
		return out, nil
	}
}
