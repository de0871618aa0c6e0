package enforcer

import "strings"

// parseKey reads the key of a resource: a type, a colon, and the path in the type's path space. It reports false if the key has
// no colon or another type.
func parseKey(key string) (t ResourceType, path []string, ok bool) {
	name, text, ok := strings.Cut(key, ":")
	if !ok {
		return 0, nil, false
	}
	switch name {
	case "thing":
		// Paths of things are JSON pointers. In all others names are written verbatim.
		path = segments(text)
		for i, segment := range path {
			path[i] = strings.ReplaceAll(segment, "~0", "~")
		}
		return Thing, path, true
	case "policy":
		return Policy, segments(text), true
	case "message":
		return Message, segments(text), true
	}
	return 0, nil, false
}

// segments splits a path at its slashes and leaves out what is empty, as [Rights] do when they walk along names.
func segments(path string) []string {
	all := strings.Split(path, "/")
	named := all[:0]
	for _, segment := range all {
		if segment != "" {
			named = append(named, segment)
		}
	}
	return named
}
