package crd_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// What people copy must work.
func TestSamplesAreAccepted(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../../config/samples", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		for _, object := range objectsIn(t, path) {
			if _, ours := resources[object.GetKind()]; !ours {
				continue
			}
			found++
			t.Run(filepath.Base(filepath.Dir(path))+"/"+object.GetKind()+"/"+object.GetName(), func(t *testing.T) {
				if _, err := connect(t, object.GetKind()).Create(deadline(t), object, tryCreate); err != nil {
					t.Error(err)
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Error("there are no samples")
	}
}

// objectsIn returns the objects in a file of YAML documents.
func objectsIn(t *testing.T, path string) (objects []*unstructured.Unstructured) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		objects = append(objects, object)
	}
	return objects
}
