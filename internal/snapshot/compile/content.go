package compile

import (
	"regexp"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const keyDescription = "letters, digits, dots, hyphens and underscores"

var keySyntax = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// content returns what a field refers to, if it does. What it is
// must have at most a number of bytes and pass a check, whose findings are about
// the object that holds it.
func (c *check) content(
	path string, ref *v1alpha1.ContentReference, maxSize int, ix *index, verify func(c *check, path string, data []byte),
) snapshot.Content {
	if ref == nil {
		return ""
	}
	if (ref.SecretKeyRef == nil) == (ref.ConfigMapKeyRef == nil) {
		c.errorf(path, snapshot.RuleRequired, "must have either secretKeyRef or configMapKeyRef")
	}
	holder, key, data := c.resolve(path, ref, ix)
	if holder == nil {
		return ""
	}
	at := "data[" + key + "]"
	switch {
	case len(data) > maxSize:
		holder.errorf(at, snapshot.RuleBounded, "must have at most %d KiB", maxSize>>10)
		return ""
	case !utf8.Valid(data):
		// It would not survive the encoding of the snapshot.
		holder.errorf(at, snapshot.RuleSyntax, "must be text in UTF-8")
		return ""
	}
	verify(holder, at, data)
	return snapshot.Content(data)
}

// resolve returns the data that a reference names, its key, and the check of the
// object that holds it; nil when there is none.
func (c *check) resolve(path string, ref *v1alpha1.ContentReference, ix *index) (holder *check, key string, data []byte) {
	if ref.SecretKeyRef != nil {
		holder, key, data = c.secretEntry(path+".secretKeyRef", *ref.SecretKeyRef, ix)
	}
	if ref.ConfigMapKeyRef != nil {
		holder, key, data = c.configMapEntry(path+".configMapKeyRef", *ref.ConfigMapKeyRef, ix)
	}
	return holder, key, data
}

func (c *check) secretEntry(path string, ref v1alpha1.KeyReference, ix *index) (*check, string, []byte) {
	if !c.keyReference(path, ref) {
		return nil, "", nil
	}
	s, ok := c.secret(path+".name", ref.Name, ix)
	if !ok {
		return nil, "", nil
	}
	data, ok := s.Data[ref.Key]
	if !ok {
		c.noEntry(path+".key", secretKind, ref)
		return nil, "", nil
	}
	return c.report.about(secretKind, s.Namespace, s.Name, s.Origin), ref.Key, data
}

func (c *check) configMapEntry(path string, ref v1alpha1.KeyReference, ix *index) (*check, string, []byte) {
	if !c.keyReference(path, ref) {
		return nil, "", nil
	}
	m, ok := c.configMap(path+".name", ref.Name, ix)
	if !ok {
		return nil, "", nil
	}
	data, ok := m.BinaryData[ref.Key]
	if text, isText := m.Data[ref.Key]; isText {
		data, ok = []byte(text), true
	}
	if !ok {
		c.noEntry(path+".key", configMapKind, ref)
		return nil, "", nil
	}
	return c.report.about(configMapKind, m.Namespace, m.Name, m.Origin), ref.Key, data
}

// keyReference checks the name and the key of a reference and says whether both
// can be ones.
func (c *check) keyReference(path string, ref v1alpha1.KeyReference) bool {
	named := c.objectName(path+".name", ref.Name)
	c.text(path+".key", ref.Key, keySyntax, 253, keyDescription)
	return named && keySyntax.MatchString(ref.Key)
}

// secret returns the Secret that a field names.
func (c *check) secret(path, name string, ix *index) (Secret, bool) {
	id := identityOf(c.object.Namespace, name)
	found := ix.secrets[id]
	if len(found) == 0 {
		c.notFound(path, secretKind, name, ix)
		return Secret{}, false
	}
	s := one(c.report, secretKind, id, found, func(s Secret) Origin { return s.Origin })
	if isMade(s) {
		c.errorf(path, snapshot.RuleKnown, "Secret %s was made from a Gateway; nothing may refer to it, or a configuration would be made from itself", id)
		return Secret{}, false
	}
	return s, true
}

// isMade says whether a Secret is what the operator has made of some Gateway. A
// configuration that holds one would change with every change of itself.
func isMade(s Secret) bool {
	controller := metav1.GetControllerOf(s.Secret)
	if controller == nil || controller.Kind != v1alpha1.GatewayKind {
		return false
	}
	group, err := schema.ParseGroupVersion(controller.APIVersion)
	return err == nil && group.Group == v1alpha1.GroupVersion.Group
}

// configMap returns the ConfigMap that a field names.
func (c *check) configMap(path, name string, ix *index) (ConfigMap, bool) {
	id := identityOf(c.object.Namespace, name)
	found := ix.configMaps[id]
	if len(found) == 0 {
		c.notFound(path, configMapKind, name, ix)
		return ConfigMap{}, false
	}
	return one(c.report, configMapKind, id, found, func(m ConfigMap) Origin { return m.Origin }), true
}

func (c *check) notFound(path, kind, name string, ix *index) {
	c.errorf(path, snapshot.RuleReference, "%s %s/%s not found%s", kind, c.object.Namespace, name, ix.caveat())
}

func (c *check) noEntry(path, kind string, ref v1alpha1.KeyReference) {
	c.errorf(path, snapshot.RuleReference, "%s %s/%s has no entry %s", kind, c.object.Namespace, ref.Name, ref.Key)
}
