package packaging

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

var documents = []string{"docs/install.md", "docs/gitops.md"}

// blocks returns the code blocks of a document that are in a language.
func blocks(t *testing.T, document, language string) []string {
	t.Helper()
	var list []string
	for _, match := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(readText(t, filepath.Join(root, document)), -1) {
		list = append(list, match[1])
	}
	if len(list) == 0 {
		t.Fatalf("%s has no %s", document, language)
	}
	return list
}

// commands returns the commands of a document, each on one line.
func commands(t *testing.T, document string) []string {
	t.Helper()
	var list []string
	for _, block := range blocks(t, document, "sh") {
		for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

// Values and folders that the documentation speaks of are there.
func TestCommandsOfTheDocumentationWork(t *testing.T) {
	folder := regexp.MustCompile(`-k (config/\S+)`)
	file := regexp.MustCompile(`-f (config/\S+)`)
	set := regexp.MustCompile(`--set '?([^' ]+)`)
	for _, document := range documents {
		for _, command := range commands(t, document) {
			for _, match := range folder.FindAllStringSubmatch(command, -1) {
				mustRun(t, "kustomize", "build", match[1])
			}
			for _, match := range file.FindAllStringSubmatch(command, -1) {
				readText(t, filepath.Join(root, match[1]))
			}
			if strings.HasPrefix(command, "helm ") && strings.Contains(command, "charts/twinway") {
				args := []string{}
				for _, match := range set.FindAllStringSubmatch(command, -1) {
					args = append(args, "--set", match[1])
				}
				template(t, args...)
			}
		}
	}
}

func TestManifestsOfTheDocumentationAreManifests(t *testing.T) {
	for _, document := range documents {
		for _, block := range blocks(t, document, "yaml") {
			var o object
			if err := yaml.UnmarshalStrict([]byte(block), &o); err != nil || o["kind"] == nil {
				t.Errorf("%s: %v in %s", document, err, block)
			}
		}
	}
}

// The overlay with another image changes it for operator and gateways.
func TestDocumentedOverlayChangesBothImages(t *testing.T) {
	dir, err := os.MkdirTemp(root, ".overlay-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	overlay := strings.ReplaceAll(blocks(t, "docs/install.md", "yaml")[0], "- config/default", "- ../config/default")
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(overlay), 0o600); err != nil {
		t.Fatal(err)
	}
	deployment := find(t, objects(t, mustRun(t, "kustomize", "build", filepath.Base(dir))), "Deployment", "twinway-operator")
	image, gateways := container(t, deployment)["image"], environment(t, deployment)["TWINWAY_IMAGE"]
	if image != "registry.example.com/twinway:0.1.0" || gateways != image {
		t.Errorf("the operator runs %v, its gateways %v", image, gateways)
	}
}

// Links lead somewhere.
func TestLinksOfTheDocumentation(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, document := range documents {
		for _, match := range link.FindAllStringSubmatch(readText(t, filepath.Join(root, document)), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(document), match[1])); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
}
