package render

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
)

// maxTemplate bounds the encoded template, in bytes: all annotations of an object
// together may have 256 KiB, and some are somebody else's.
const maxTemplate = 64 << 10

// podTemplate is a pod template and what is remembered of it.
type podTemplate struct {
	config *template
	// encoded is config in JSON.
	encoded string
	// inputs is the hash of what the spec says about it.
	inputs string
	// image is that of the container; defaultImage the one that it has, or would
	// have, if the spec names none.
	image, defaultImage string
	// restart says why it differs from the one that runs.
	restart []RestartReason
}

// podTemplate returns the template that runs if that is to be kept, or a new one.
func (r renderer) podTemplate() (podTemplate, error) {
	inputs, err := hashInputs(r.Gateway.Spec)
	if err != nil {
		return podTemplate{}, err
	}
	live := r.remembered()
	t := podTemplate{inputs: inputs, defaultImage: r.defaultImage(live)}
	t.image = t.defaultImage
	if image := r.spec.Workload.Image; image != nil {
		t.image = *image
	}
	if t.config, err = r.newTemplate(t.image); err != nil {
		return podTemplate{}, err
	}
	if live != nil && r.manual() && r.Live.Annotations[AnnotationTemplateInputs] == inputs {
		if r.trusts(live, t.config) {
			t.config, t.encoded, t.image = live, r.Live.Annotations[AnnotationPodTemplate], imageOf(live)
			return t, nil
		}
		live = nil
	}
	return r.renewed(t, live)
}

// renewed completes a template that replaces the one that runs, which is nil if it
// is not known.
func (r renderer) renewed(t podTemplate, live *template) (podTemplate, error) {
	encoded, err := json.Marshal(t.config)
	if err != nil {
		return podTemplate{}, err
	}
	if len(encoded) > maxTemplate {
		return podTemplate{}, fmt.Errorf("it has %d KiB, at most %d are possible; shorten spec.workload.pod", len(encoded)>>10, maxTemplate>>10)
	}
	t.encoded = string(encoded)
	if r.Live != nil {
		t.restart = differences(live, t.config)
	}
	return t, nil
}

// manual says that an upgrade of the operator must not replace the pods.
func (r renderer) manual() bool { return *r.spec.Workload.UpdatePolicy == v1alpha1.UpdateManual }

// remembered returns the template that runs; nil if there is none, or none that
// this version understands or would have written. The live template itself would not do: the API
// server has added its defaults to it, and others perhaps something else.
func (r renderer) remembered() *template {
	if r.Live == nil {
		return nil
	}
	text := r.Live.Annotations[AnnotationPodTemplate]
	if len(text) > maxTemplate {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	remembered := new(template)
	if err := decoder.Decode(remembered); err != nil || decoder.InputOffset() != int64(len(text)) || imageOf(remembered) == "" {
		return nil
	}
	return remembered
}

// defaultImage returns the image of a gateway that names none: with a manual
// update policy the one it was first given.
func (r renderer) defaultImage(live *template) string {
	if r.Live == nil || !r.manual() {
		return r.Settings.Image
	}
	if image := r.Live.Annotations[AnnotationDefaultImage]; image != "" {
		return image
	}
	if live != nil && r.spec.Workload.Image == nil {
		return imageOf(live)
	}
	return r.Settings.Image
}
