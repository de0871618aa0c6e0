package render_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"

	"github.com/twinway/twinway/internal/render"
)

// edit is a change of the text of a remembered template.
type edit struct{ old, replacement string }

func (e edit) apply(set *appsv1.StatefulSet) { rewrite(set, e.old, e.replacement) }

// What somebody who may change a StatefulSet may write into what is remembered
// does not come into the pods.
func TestARememberedTemplateThatIsNotOursIsForgotten(t *testing.T) {
	const (
		spec      = `"spec":{`
		container = `"containers":[{`
		volumes   = `"volumes":[{`
	)
	for name, e := range map[string]edit{
		"host processes":           {spec, spec + `"hostPID":true,`},
		"host network":             {spec, spec + `"hostNetwork":true,`},
		"host IPC":                 {spec, spec + `"hostIPC":true,`},
		"host users":               {spec, spec + `"hostUsers":true,`},
		"shared processes":         {spec, spec + `"shareProcessNamespace":true,`},
		"a node":                   {spec, spec + `"nodeName":"master",`},
		"a node selector":          {spec, spec + `"nodeSelector":{"a":"b"},`},
		"a toleration":             {spec, spec + `"tolerations":[{"operator":"Exists"}],`},
		"a priority class":         {spec, spec + `"priorityClassName":"system-node-critical",`},
		"a pull secret":            {spec, spec + `"imagePullSecrets":[{"name":"a"}],`},
		"a runtime class":          {spec, spec + `"runtimeClassName":"a",`},
		"a host alias":             {spec, spec + `"hostAliases":[{"ip":"1.2.3.4","hostnames":["a"]}],`},
		"DNS":                      {spec, spec + `"dnsPolicy":"None",`},
		"an init container":        {spec, spec + `"initContainers":[{"name":"a","image":"b"}],`},
		"an ephemeral container":   {spec, spec + `"ephemeralContainers":[{"name":"a","image":"b"}],`},
		"another container":        {container, container + `"name":"a","image":"b"},{`},
		"another gateway":          {container, container + `"name":"gateway","image":"b"},{`},
		"another account":          {`"serviceAccountName":"demo"`, `"serviceAccountName":"default"`},
		"the old account field":    {spec, spec + `"serviceAccount":"default",`},
		"a token":                  {`"automountServiceAccountToken":false`, `"automountServiceAccountToken":true`},
		"no word about a token":    {`"automountServiceAccountToken":false,`, ``},
		"service links":            {`"enableServiceLinks":false`, `"enableServiceLinks":true`},
		"a host path":              {volumes, volumes + `"name":"a","hostPath":{"path":"/"}},{`},
		"a path for data":          {`"persistentVolumeClaim":{"claimName":"demo-data"}`, `"hostPath":{"path":"/"}`},
		"a claim of others":        {`"claimName":"demo-data"`, `"claimName":"others-data"`},
		"a Secret of others":       {`"secretName":"demo-snapshot"`, `"secretName":"others-snapshot"`},
		"root":                     {`"runAsNonRoot":true`, `"runAsNonRoot":false`},
		"another user":             {`"runAsUser":65532`, `"runAsUser":0`},
		"no seccomp":               {`"type":"RuntimeDefault"`, `"type":"Unconfined"`},
		"another root":             {`"readOnlyRootFilesystem":true`, `"readOnlyRootFilesystem":false`},
		"escalation":               {`"allowPrivilegeEscalation":false`, `"allowPrivilegeEscalation":true`},
		"privilege":                {`"allowPrivilegeEscalation":false`, `"allowPrivilegeEscalation":false,"privileged":true`},
		"capabilities":             {`"drop":["ALL"]`, `"add":["NET_ADMIN"],"drop":["ALL"]`},
		"a port of the host":       {`"containerPort":8080`, `"containerPort":8080,"hostPort":8080`},
		"a command":                {container, container + `"command":["sh"],`},
		"an argument":              {`"--log-format=json"`, `"--log-format=json","--admin=:80"`},
		"a variable":               {`"env":[{`, `"env":[{"name":"A","value":"b"},{`},
		"a variable from a Secret": {`"name":"GOMEMLIMIT","value":`, `"name":"GOMEMLIMIT","valueFrom":{"secretKeyRef":{"name":"a","key":"b"}},"value":`},
		"an environment":           {container, container + `"envFrom":[{"secretRef":{"name":"a"}}],`},
		"a hook":                   {container, container + `"lifecycle":{"preStop":{"exec":{"command":["sh"]}}},`},
		"a probe of another host":  {`"path":"/readyz"`, `"host":"169.254.169.254","path":"/readyz"`},
		"a probe by a command":     {`"readinessProbe":{`, `"readinessProbe":{"exec":{"command":["sh"]},`},
		"another mount":            {`"volumeMounts":[{`, `"volumeMounts":[{"name":"data","mountPath":"/etc/ssl"},{`},
		"a label":                  {`"labels":{`, `"labels":{"app":"others",`},
		"an annotation":            {`"annotations":{`, `"annotations":{"inject":"true",`},
		"a name":                   {`"metadata":{`, `"metadata":{"namespace":"others",`},
		"hardly anything":          {`{"metadata":`, `{"spec":{"containers":[{"name":"gateway","image":"x"}]}}{"metadata":`},
		"something behind it":      {`{"metadata":`, `{"metadata":{"labels":{}}}{"metadata":`},
		"too much":                 {`"annotations":{`, `"annotations":{"a":"` + strings.Repeat("x", 64<<10) + `",`},
	} {
		t.Run(name, func(t *testing.T) {
			in := with(t, "{}")
			before := mustRender(t, in)
			in.Live = live(t, before)
			e.apply(in.Live)
			after := mustRender(t, in)
			if diff := cmp.Diff([]render.RestartReason{render.ReasonTemplateChanged}, after.Restart); diff != "" {
				t.Errorf("restart (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(templateOf(t, before), templateOf(t, after)); diff != "" {
				t.Errorf("template (-rendered +got):\n%s", diff)
			}
		})
	}
}

// An image that the spec names is not what is remembered.
func TestTheImageOfTheSpecIsTheImage(t *testing.T) {
	in := with(t, "workload: {image: own}")
	in.Live = live(t, mustRender(t, in))
	rewrite(in.Live, `"image":"own"`, `"image":"other"`)
	if got := mustRender(t, in); got.Image != "own" || imageOf(t, got) != "own" {
		t.Errorf("the image is %s", got.Image)
	}
}

// What versions of the operator do in their own ways is no reason to replace pods.
func TestTemplatesOfOtherVersionsAreTrusted(t *testing.T) {
	for name, e := range map[string]edit{
		"times of a probe":    {`"failureThreshold":300`, `"initialDelaySeconds":3,"failureThreshold":200`},
		"time to go away":     {`"terminationGracePeriodSeconds":50`, `"terminationGracePeriodSeconds":60`},
		"resources":           {`"cpu":"100m"`, `"cpu":"50m"`},
		"memory of the Go":    {`"name":"GOMEMLIMIT","value":"`, `"name":"GOMEMLIMIT","value":"1`},
		"fewer arguments":     {`,"--log-format=json"`, ``},
		"last words":          {`"terminationMessagePolicy":"FallbackToLogsOnError",`, ``},
		"mode of the Secrets": {`"defaultMode":288`, `"defaultMode":416`},
		"what pods run with":  {`\"cacheSize\":`, `\"newer\":1,\"cacheSize\":`},
	} {
		t.Run(name, func(t *testing.T) {
			in := with(t, "{}")
			in.Live = live(t, mustRender(t, in))
			e.apply(in.Live)
			after := mustRender(t, in)
			if after.Restart != nil || templateOf(t, after) != in.Live.Annotations[render.AnnotationPodTemplate] {
				t.Errorf("it is replaced: %v", after.Restart)
			}
		})
	}
}

// Whatever a Gateway asks for, what was rendered for it is trusted.
func TestOwnTemplatesAreTrusted(t *testing.T) {
	for _, name := range cases(t) {
		in := input(t, name)
		before := mustRender(t, in)
		in.Live = live(t, before)
		in.Settings.Image = secondImage
		if after := mustRender(t, in); after.Restart != nil && !strings.Contains(string(*in.Gateway.Spec.Workload.UpdatePolicy), "Automatic") {
			t.Errorf("%s: %v", name, after.Restart)
		}
	}
}
