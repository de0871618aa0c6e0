package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// MaxEncodedSize bounds the encoding of a snapshot, in bytes. It is stored in a
// Secret, which holds 1 MiB; the rest is room for what else may come there.
const MaxEncodedSize = 1_000_000

// What can be wrong with an encoded snapshot. They arrive wrapped, with what is
// known of the place and never with a value.
var (
	// ErrTooLarge says that there are more than MaxEncodedSize bytes.
	ErrTooLarge = fmt.Errorf("a snapshot has at most %d bytes", MaxEncodedSize)
	// ErrVersion says that another version of this program wrote it.
	ErrVersion = errors.New("the version of the snapshot is not known")
	// ErrMalformed says that the bytes are not what Encode writes.
	ErrMalformed = errors.New("no canonical snapshot")
	// ErrNewer says that there is more to it than this program knows. It comes with
	// ErrVersion or ErrMalformed.
	ErrNewer = errors.New("a newer operator wrote it; update the program that is to read it, " +
		"a gateway by its image (spec.workload.image of the Gateway, or spec.workload.updatePolicy Automatic)")
	// ErrUnusable says that a value is one that no gateway can run by.
	ErrUnusable = errors.New("the snapshot cannot be used")
)

// Decode returns the snapshot that was encoded, and nothing that was not: the
// bytes must be exactly those that Encode gives for it, and its values such that
// a gateway can run by them. Errors are ErrTooLarge, ErrVersion, ErrMalformed,
// ErrNewer and ErrUnusable; none of them shows what the bytes hold.
func Decode(data []byte) (*Snapshot, error) {
	if len(data) > MaxEncodedSize {
		return nil, fmt.Errorf("decode snapshot: %w", ErrTooLarge)
	}
	if err := decodeVersion(data); err != nil {
		return nil, fmt.Errorf("decode snapshot: %w", err)
	}
	var s Snapshot
	if err := json.Unmarshal(data, (*content)(&s)); err != nil {
		return nil, fmt.Errorf("decode snapshot: %w", decodeProblem(err))
	}
	// Unknown fields, fields that are there twice, and other spellings of what is
	// there get lost on the way, so that the bytes are not the same.
	if !bytes.Equal(s.Encode(), data) {
		return nil, fmt.Errorf("decode snapshot: %w", notCanonical(data))
	}
	if problem := s.problem(); problem != "" {
		return nil, fmt.Errorf("decode snapshot: %w: %s", ErrUnusable, problem)
	}
	return &s, nil
}

// decodeVersion checks the version before anything else, as the fields of
// another one may be others.
func decodeVersion(data []byte) error {
	var v struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return ErrMalformed
	}
	switch {
	case v.Version > FormatVersion:
		return fmt.Errorf("%w: %d instead of %d: %w", ErrVersion, v.Version, FormatVersion, ErrNewer)
	case v.Version < FormatVersion:
		return fmt.Errorf("%w: %d instead of %d", ErrVersion, v.Version, FormatVersion)
	}
	return nil
}

// notCanonical says why data that can be decoded is not what Encode gives.
// Unknown fields are all that can be wrong when they are not allowed.
func notCanonical(data []byte) error {
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields()
	if err := strict.Decode(new(content)); err != nil {
		return fmt.Errorf("%w: it has fields that are not known: %w", ErrMalformed, ErrNewer)
	}
	return ErrMalformed
}

// decodeProblem says what could not be decoded. What the decoder says may cite
// values.
func decodeProblem(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%w: %s is no %s", ErrMalformed, wrong.Field, wrong.Type)
	}
	return ErrMalformed
}
