package protocol

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
)

func TestReadPutMetadata(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		want   []MetadataEntry
	}{
		"no header":  {`{}`, nil},
		"no entries": {`{"put-metadata":[]}`, nil},
		"entries": {`{"put-metadata":[{"key":"/a/b","value":{"c":1}},{"key":"a","value":null,"more":1}]}`, []MetadataEntry{
			{document.Pointer{"a", "b"}, []byte(`{"c":1}`)}, {document.Pointer{"a"}, []byte(`null`)},
		}},
		"text":      {`{"put-metadata":"[{\"key\":\"*/a\",\"value\":[ 1 ]}]"}`, []MetadataEntry{{document.Pointer{"*", "a"}, []byte(`[1]`)}}},
		"escapes":   {`{"put-metadata":[{"key":"a~0b/\u00e4~1","value":1}]}`, []MetadataEntry{{document.Pointer{"a~b", "ä~1"}, []byte(`1`)}}},
		"one slash": {`{"put-metadata":[{"key":"a/","value":1}]}`, []MetadataEntry{{document.Pointer{"a"}, []byte(`1`)}}},
	} {
		h := headers(t, c.header)
		got, err := ReadPutMetadata(&h)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadPutMetadataRefuses(t *testing.T) {
	for _, key := range []string{"", "/", "//", "a//b", strings.Repeat("a/", document.MaxDepth+1)} {
		h := headers(t, fmt.Sprintf(`{"put-metadata":[{"key":"a","value":1},{"key":%q,"value":1}]}`, key))
		_, err := ReadPutMetadata(&h)
		if err == nil || err.Code != "header.invalid" || !strings.Contains(err.Description, `"`+excerpt(key)+`"`) {
			t.Errorf("%q: %v", key, err)
		}
	}
	for count, refused := range map[int]bool{MaxMetadataEntries: false, MaxMetadataEntries + 1: true} {
		h := headers(t, `{"put-metadata":[`+strings.Repeat(`{"key":"a","value":1},`, count-1)+`{"key":"a","value":1}]}`)
		if entries, err := ReadPutMetadata(&h); (err != nil) != refused || !refused && len(entries) != count {
			t.Errorf("%d entries: %d, %v", count, len(entries), err)
		}
	}
}
