package crd_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

// Unknown fields are errors, so that a typing error in a scenario is one.
var (
	tryCreate = metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict}
	tryUpdate = metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict}
)

func TestObjectsAreAccepted(t *testing.T) {
	for kind, s := range scenarioFiles(t) {
		client := connect(t, kind)
		for _, c := range append(s.Accepted, creation{About: "base"}) {
			t.Run(kind+"/"+c.About, func(t *testing.T) {
				if _, err := client.Create(deadline(t), s.with(c.Set), tryCreate); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestObjectsAreRefused(t *testing.T) {
	for kind, s := range scenarioFiles(t) {
		client := connect(t, kind)
		for _, c := range s.Refused {
			t.Run(kind+"/"+oneLine(c.Set), func(t *testing.T) {
				_, err := client.Create(deadline(t), s.with(c.Set), tryCreate)
				c.check(t, err)
			})
		}
	}
}

func TestChanges(t *testing.T) {
	for kind, s := range scenarioFiles(t) {
		client := connect(t, kind)
		for i, c := range s.Changes {
			t.Run(fmt.Sprintf("%s/%s to %s", kind, oneLine(c.From), oneLine(c.To)), func(t *testing.T) {
				c.check(t, update(t, client, s, fmt.Sprint("change-", i), c))
			})
		}
	}
}

// update makes an object and says what the API server thinks of changing it.
func update(t *testing.T, client dynamic.ResourceInterface, s scenarios, name string, c change) error {
	t.Helper()
	from := s.with(c.From)
	from.SetName(name)
	created, err := client.Create(deadline(t), from, metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict})
	if err != nil {
		t.Fatal(err)
	}
	to := s.with(c.To)
	to.SetName(name)
	to.SetResourceVersion(created.GetResourceVersion())
	_, err = client.Update(deadline(t), to, tryUpdate)
	return err
}

// check checks that an object was refused for what is wanted, and nothing else;
// if nothing is wanted, that it was taken.
func (want refusal) check(t *testing.T, err error) {
	t.Helper()
	if want == (refusal{}) {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	causes := causesOf(t, err)
	if !want.matches(causes) {
		t.Errorf("refused with %+q, want %+q", causes, want)
	}
}

func (want refusal) matches(causes []metav1.StatusCause) bool {
	if want.And == "" {
		return len(causes) == 1 && says(causes[0], want.Words)
	}
	return len(causes) == 2 && says(causes[0], want.Words) && says(causes[1], want.And)
}

func says(cause metav1.StatusCause, words string) bool {
	field, message, _ := strings.Cut(words, ": ")
	return cause.Field == field && (cause.Message == message || strings.HasSuffix(cause.Message, ": "+message))
}

// causesOf returns why an object was refused, without the remark that there may
// be more to say when that is put right.
func causesOf(t *testing.T, err error) []metav1.StatusCause {
	t.Helper()
	if err == nil {
		t.Fatal("accepted")
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || !apierrors.IsInvalid(err) {
		t.Fatalf("not refused by a rule: %v", err)
	}
	return slices.DeleteFunc(status.Status().Details.Causes, func(c metav1.StatusCause) bool {
		return strings.Contains(c.Message, "some validation rules were not checked")
	})
}

// oneLine writes values as one line of YAML, which JSON is.
func oneLine(values fields) string {
	text, err := yaml.Marshal(values)
	if err != nil {
		return err.Error()
	}
	compact, err := yaml.YAMLToJSON(text)
	if err != nil {
		return err.Error()
	}
	return string(compact)
}
