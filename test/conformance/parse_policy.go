package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

var (
	errPolicyLine = errors.New("is no line of a policy")
	errLabelTwice = errors.New("this label is used twice")
)

// parsePolicy reads the step policy: a JSON object, or lines that are entries and imports.
func parsePolicy(s statement) (action, error) {
	_, arguments, _ := strings.Cut(s.text(), " ")
	if len(s.parts) > 1 && len(strings.Fields(s.parts[0])) == 2 && s.parts[1][0] != '{' {
		name := strings.Fields(s.parts[0])[1]
		value, err := policyOf(s.parts[1:])
		if err != nil {
			return nil, err
		}
		arguments = name + " " + value
	}
	name, value, err := parseFixture("policy", arguments)
	return &policy{name, value}, err
}

// policyOf makes the JSON of a policy of its short form.
func policyOf(lines []string) (string, error) {
	entries, imports := object{}, object{}
	for _, line := range lines {
		words := strings.Fields(line)
		if len(words) < 2 {
			return "", fmt.Errorf("%q %w", line, errPolicyLine)
		}
		label, of, words := words[0], words[1], words[2:]
		if label == "import" {
			imports[of] = importOf(words)
			continue
		}
		if _, twice := entries[label]; twice {
			return "", fmt.Errorf("%q: %w", line, errLabelTwice)
		}
		entry, err := entryOf(of, words)
		if err != nil {
			return "", fmt.Errorf("%q %w", line, err)
		}
		entries[label] = entry
	}
	whole := object{"entries": entries}
	if len(imports) > 0 {
		whole["imports"] = imports
	}
	// Not encoding/json's own: it would hide the brackets of placeholders in escapes.
	return encode(whole), nil
}

// importOf makes an import of labels and, after the word via, of policies.
func importOf(words []string) object {
	if i := slices.Index(words, "via"); i >= 0 {
		return object{"entries": words[:i], "transitiveImports": words[i+1:]}
	}
	return object{"entries": words}
}

// entryOf makes an entry for the comma-separated subjects: first the options, then what is granted (+) and revoked (-).
func entryOf(subjects string, words []string) (object, error) {
	entry := object{"subjects": subjectsOf(subjects)}
	for len(words) > 0 && !isPermissions(words[0]) {
		used := option(entry, words)
		if used == 0 {
			return nil, errPolicyLine
		}
		words = words[used:]
	}
	entry["resources"] = resourcesOf(words)
	return entry, nil
}

// option puts the option that words begin with into the entry, and returns how many words it has, 0 if it is none.
func option(entry object, words []string) int {
	if slices.Contains([]string{"implicit", "explicit", "never"}, words[0]) {
		entry["importable"] = words[0]
		return 1
	}
	if len(words) < 2 {
		return 0
	}
	list := strings.Split(words[1], ",")
	switch words[0] {
	case "in":
		entry["namespaces"] = list
	case "adds":
		entry["allowedAdditions"] = slices.DeleteFunc(list, func(s string) bool { return s == "nothing" })
	case "like":
		entry["references"] = referencesOf(list)
	default:
		return 0
	}
	return 2
}

// referencesOf makes references of labels, and of policies and labels with a slash between them.
func referencesOf(list []string) (references []any) {
	for _, text := range list {
		if id, label, imported := strings.Cut(text, "/"); imported {
			references = append(references, object{"import": id, "entry": label})
		} else {
			references = append(references, object{"entry": text})
		}
	}
	return references
}

// resourcesOf makes resources of keys behind the permissions that they are granted or revoked.
func resourcesOf(words []string) object {
	resources := object{}
	list, permissions := "", []string(nil)
	for _, word := range words {
		if isPermissions(word) {
			list, permissions = permissionsOf(word)
			continue
		}
		at, ok := resources[word].(object)
		if !ok {
			at = object{"grant": []string{}, "revoke": []string{}}
			resources[word] = at
		}
		at[list] = permissions
	}
	return resources
}

// subjectsOf makes subjects of a comma-separated list; - is none.
func subjectsOf(list string) object {
	subjects := object{}
	if list == "-" {
		return subjects
	}
	for id := range strings.SplitSeq(list, ",") {
		subjects[id] = object{"type": "test"}
	}
	return subjects
}

func isPermissions(word string) bool {
	return len(word) > 1 && strings.Trim(word, "RWX") == word[:1] && (word[0] == '+' || word[0] == '-')
}

// permissionsOf reads a word such as +RW.
func permissionsOf(word string) (list string, permissions []string) {
	list = map[byte]string{'+': "grant", '-': "revoke"}[word[0]]
	names := map[rune]string{'R': "READ", 'W': "WRITE", 'X': "EXECUTE"}
	for _, letter := range word[1:] {
		permissions = append(permissions, names[letter])
	}
	return list, permissions
}
