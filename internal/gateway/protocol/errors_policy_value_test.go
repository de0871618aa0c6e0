package protocol

import (
	"strings"
	"testing"
)

// TestPolicyValueErrors says of the errors about what policies hold which status and code they have.
func TestPolicyValueErrors(t *testing.T) {
	long := strings.Repeat("x", 10000)
	for _, c := range []struct {
		err    *Error
		status int
		code   string
		names  string // part of the message
	}{
		{ErrPolicyIDNotSettable("ns:q", "ns:p"), 400, "policies:id.notsettable", "ns:q"},
		{ErrPolicyEntryInvalid("why"), 400, "policies:entry.invalid", ""},
		{ErrPolicyLabelInvalid("importedX"), 400, "policies:label.invalid", "importedX"},
		{ErrPolicySubjectIDInvalid("me"), 400, "policies:subjectid.invalid", "me"},
		{ErrPolicySubjectExpiryInvalid("soon", "why"), 400, "policies:subjectexpiry.invalid", "soon"},
		{ErrPolicySubjectAnnouncementInvalid("why"), 400, "policies:subjectannouncement.invalid", ""},
		{ErrPolicyImportInvalid("ns:b", "why"), 400, "policies:import.invalid", "ns:b"},
		{ErrPolicyImportsTooLarge(11, 10), 400, "policies:imports.toolarge", "11"},
		{ErrPolicyTooLarge(2, 1), 413, "policies:policy.toolarge", "2"},
		{ErrPolicyModificationInvalid("ns:p"), 403, "policies:policy.modificationinvalid", "ns:p"},
		{ErrPolicyEntryModificationInvalid("ns:p", "l"), 403, "policies:entry.modificationinvalid", "\"l\""},
		{ErrPolicyEntryReferenceConflict("l", "m"), 409, "policies:entry.referenceconflict", "\"m\""},
		{ErrPolicyImportReferenceConflict("ns:b", "m"), 409, "policies:import.referenceconflict", "ns:b"},
		{ErrPolicySubjectIDInvalid(long), 400, "policies:subjectid.invalid", "x…"},
	} {
		if c.err.Status != c.status || c.err.Code != c.code || !c.err.Policy || c.err.Description == "" {
			t.Errorf("%s: got %+v", c.code, c.err)
		}
		if !strings.Contains(c.err.Message, c.names) || len(c.err.Message) > 1000 {
			t.Errorf("%s: the message is %q", c.code, c.err.Message)
		}
	}
}
