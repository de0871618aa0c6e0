// Command api-reference writes docs/api.md, the reference of the custom
// resources, from their CustomResourceDefinitions:
//
//	api-reference config/crd/bases >docs/api.md
//
// What it says about a field is what kubectl explain says, so there is one
// text. It adds what that cannot show: the rules of structs, and all of it on one page.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sigs.k8s.io/yaml"
)

// order is that of the kinds on the page: from what stands alone to what refers
// to the others.
var order = []string{"Gateway", "Connection", "Subscription"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: api-reference FOLDER-OF-DEFINITIONS")
		os.Exit(2)
	}
	definitions, err := read(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "api-reference:", err)
		os.Exit(1)
	}
	fmt.Print(page(definitions))
}

// read returns the definitions in the YAML files of a folder, in order.
func read(folder string) ([]definition, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	definitions := make([]definition, len(order))
	for _, file := range files {
		d, err := readFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		place := slices.Index(order, d.Spec.Names.Kind)
		if place < 0 {
			return nil, fmt.Errorf("%s: kind %q has no place on the page", file, d.Spec.Names.Kind)
		}
		definitions[place] = d
	}
	for i, d := range definitions {
		if d.Spec.Names.Kind == "" {
			return nil, fmt.Errorf("%s: no definition of %s", folder, order[i])
		}
	}
	return definitions, nil
}

func readFile(file string) (d definition, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return d, err
	}
	if err := yaml.Unmarshal(text, &d); err != nil {
		return d, err
	}
	if len(d.Spec.Versions) != 1 {
		return d, fmt.Errorf("%d versions, the page shows one", len(d.Spec.Versions))
	}
	return d, nil
}
