package render

const issued = "[issued by the operator]"

// NoUID stands for the uid of a Gateway that no cluster knows.
const NoUID = "00000000-0000-0000-0000-000000000000"

// NoCertificates returns what stands for certificates where there is no operator
// to issue them. YAML shows it as it is.
func NoCertificates() Certificates {
	return Certificates{CA: []byte(issued), Certificate: []byte(issued), Key: []byte(issued)}
}
