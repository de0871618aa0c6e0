package apply

import (
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/twinway/twinway/internal/render"
)

// Error says that the API server did not take an object.
type Error struct {
	// Kind and Name are those of the object, and Reason is the API server's.
	Kind, Name string
	Reason     metav1.StatusReason

	message string
	cause   error
}

func (e *Error) Error() string { return fmt.Sprintf("apply %s %s: %s", e.Kind, e.Name, e.message) }

// Is finds what the request ended with. The cause is not unwrapped: it may cite
// what was sent.
func (e *Error) Is(target error) bool { return errors.Is(e.cause, target) }

// newError wraps what the API server answered. About Secrets it says no more than
// the kind of problem: answers may cite what was sent.
func newError(object render.Object, err error) *Error {
	reason := apierrors.ReasonForError(err)
	e := &Error{Kind: object.GVK.Kind, Name: object.Name, Reason: reason, cause: err, message: err.Error()}
	if isSecret(object.GVK) && reason != metav1.StatusReasonUnknown {
		e.message = "the API server says " + string(reason)
	}
	return e
}

func isSecret(gvk schema.GroupVersionKind) bool { return gvk.Group == "" && gvk.Kind == "Secret" }
