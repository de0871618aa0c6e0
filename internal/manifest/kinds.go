package manifest

import (
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// use is what becomes of the objects of a kind.
type use struct {
	// version is the version that is read; empty when the kind is not read.
	version string
	// add decodes an object and adds it to what was loaded.
	add func(*document, json.RawMessage)
}

// uses holds the kinds that may lie in the directory, by group and kind. What
// has no version is there for other programs.
var uses = map[string]use{
	"twinway.dev/Gateway":                           {version: v1alpha1.GroupVersion.Version, add: (*document).addGateway},
	"twinway.dev/Connection":                        {version: v1alpha1.GroupVersion.Version, add: (*document).addConnection},
	"twinway.dev/Subscription":                      {version: v1alpha1.GroupVersion.Version, add: (*document).addSubscription},
	"/Secret":                                       {version: "v1", add: (*document).addSecret},
	"/ConfigMap":                                    {version: "v1", add: (*document).addConfigMap},
	"kustomize.config.k8s.io/Kustomization":         {},
	"apiextensions.k8s.io/CustomResourceDefinition": {},
}

// lookUp returns what becomes of the document, and reports kinds and versions
// that are not read although somebody may think so.
func (d *document) lookUp() use {
	apiVersion, kind := d.tree.text("apiVersion"), d.tree.text("kind")
	if apiVersion == "" || kind == "" {
		d.errorf("", snapshot.RuleRequired, "apiVersion and kind are required")
		return use{}
	}
	group, version, grouped := strings.Cut(apiVersion, "/")
	if !grouped {
		group, version = "", apiVersion
	}
	u, known := uses[group+"/"+kind]
	switch {
	case !known:
		d.errorf("kind", snapshot.RuleServed, "%s of %s is not a kind that a gateway reads", kind, apiVersion)
	case u.version != "" && u.version != version:
		d.errorf("apiVersion", snapshot.RuleServed, "version %s is not served, only %s", version, u.version)
		return use{}
	}
	return u
}

func (d *document) addGateway(raw json.RawMessage) {
	var gateway v1alpha1.Gateway
	if d.decode(raw, &gateway) {
		d.objects.Gateways = append(d.objects.Gateways, compile.Gateway{Gateway: &gateway, Origin: d.origin})
	}
}

func (d *document) addConnection(raw json.RawMessage) {
	var connection v1alpha1.Connection
	if d.decode(raw, &connection) {
		d.objects.Connections = append(d.objects.Connections, compile.Connection{Connection: &connection, Origin: d.origin})
	}
}

func (d *document) addSubscription(raw json.RawMessage) {
	var subscription v1alpha1.Subscription
	if d.decode(raw, &subscription) {
		d.objects.Subscriptions = append(d.objects.Subscriptions, compile.Subscription{Subscription: &subscription, Origin: d.origin})
	}
}

func (d *document) addSecret(raw json.RawMessage) {
	var secret corev1.Secret
	if !d.decode(raw, &secret) {
		return
	}
	mergeStringData(&secret)
	origin := d.origin
	origin.Line = d.tree.secretLine
	d.objects.Secrets = append(d.objects.Secrets, compile.Secret{Secret: &secret, Origin: origin})
}

func (d *document) addConfigMap(raw json.RawMessage) {
	var configMap corev1.ConfigMap
	if !d.decode(raw, &configMap) {
		return
	}
	origin := d.origin
	origin.Line = d.tree.configMapLine
	d.objects.ConfigMaps = append(d.objects.ConfigMaps, compile.ConfigMap{ConfigMap: &configMap, Origin: origin})
}

// mergeStringData does what an API server does with stringData: its entries
// become data, and win over entries of data with the same key.
func mergeStringData(secret *corev1.Secret) {
	if secret.Data == nil {
		secret.Data = make(map[string][]byte, len(secret.StringData))
	}
	for key, value := range secret.StringData {
		secret.Data[key] = []byte(value)
	}
	secret.StringData = nil
}

// secretLine is line for a Secret, whose data may have come from stringData.
func (t tree) secretLine(path string) int { return t.entryLine("stringData", path) }

// configMapLine is line for a ConfigMap, whose data may be in binaryData too.
func (t tree) configMapLine(path string) int { return t.entryLine("binaryData", path) }

// entryLine is line for an entry of data, which may be below another field.
func (t tree) entryLine(field, path string) int {
	if key, ok := strings.CutPrefix(path, "data["); ok {
		if _, line, ok := t.find(field + "[" + key); ok {
			return line
		}
	}
	return t.line(path)
}
