package render

// FieldManager owns the fields of what is rendered.
const FieldManager = "twinway"

// Labels of everything that is rendered.
const (
	LabelName      = "app.kubernetes.io/name"
	LabelComponent = "app.kubernetes.io/component"
	LabelInstance  = "app.kubernetes.io/instance"
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// LabelGateway is the name of the Gateway, and all that selects its pods.
	LabelGateway = "twinway.dev/gateway"
)

// Values of labels.
const (
	// Application is the value of LabelName.
	Application = "twinway"
	// ComponentGateway is the value of LabelComponent.
	ComponentGateway = "gateway"
	// Manager is the value of LabelManagedBy.
	Manager = "twinway"
)

// Annotations of what is rendered.
const (
	// AnnotationRendered is the hash of all that is rendered of an object, but for
	// this annotation.
	AnnotationRendered = "twinway.dev/rendered"
	// AnnotationTemplateInputs is, on a StatefulSet, the hash of what the spec says
	// about the pod template.
	AnnotationTemplateInputs = "twinway.dev/template-inputs"
	// AnnotationPodTemplate is, on a StatefulSet, the pod template as rendered, in
	// JSON.
	AnnotationPodTemplate = "twinway.dev/pod-template"
	// AnnotationDefaultImage is, on a StatefulSet, the image of a gateway that
	// names none.
	AnnotationDefaultImage = "twinway.dev/default-image"
	// AnnotationRestartInputs is, on pods, the part of the configuration that a
	// running gateway cannot take over, in JSON.
	AnnotationRestartInputs = "twinway.dev/restart-inputs"
	// AnnotationOperator is, on the Secret with the certificates of the management
	// port, the namespace of the operator that looks after the Gateway.
	AnnotationOperator = "twinway.dev/operator"
)

// Names of the container and its ports.
const (
	ContainerGateway = "gateway"
	PortClients      = "clients"
	PortAdmin        = "admin"
	PortManagement   = "management"
)

// Keys of the Secrets.
const (
	KeySnapshot    = "snapshot.json"
	KeyCertificate = "tls.crt"
	KeyPrivateKey  = "tls.key"
	KeyCA          = "ca.crt"
)

// Labels returns the labels of everything that belongs to the Gateway of a name.
func Labels(name string) map[string]string {
	return map[string]string{
		LabelName:      Application,
		LabelComponent: ComponentGateway,
		LabelInstance:  name,
		LabelManagedBy: Manager,
		LabelGateway:   name,
	}
}

// Selector returns the labels that select the pods of the Gateway of a name. It
// is fixed forever: a StatefulSet cannot change it.
func Selector(name string) map[string]string { return map[string]string{LabelGateway: name} }

// StatefulSetName returns the name of the StatefulSet of a Gateway; the Service
// for clients, the ServiceAccount, the PodDisruptionBudget, the
// HorizontalPodAutoscaler, the NetworkPolicy and the PodMonitor have it too.
func StatefulSetName(gateway string) string { return gateway }

// PodServiceName returns the name of the headless Service of the pods.
func PodServiceName(gateway string) string { return gateway + "-pods" }

// SnapshotSecretName returns the name of the Secret with the configuration.
func SnapshotSecretName(gateway string) string { return gateway + "-snapshot" }

// ManagementSecretName returns the name of the Secret with the certificates of
// the management port.
func ManagementSecretName(gateway string) string { return gateway + "-management" }

// ClaimName returns the name of the PersistentVolumeClaim.
func ClaimName(gateway string) string { return gateway + "-data" }
