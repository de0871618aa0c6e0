package httppush

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/snapshot"
)

// signed returns a request for a URL, signed.
func signed(t *testing.T, method, uri, body string, header http.Header, by *snapshot.HMAC, now time.Time) *http.Request {
	t.Helper()
	at, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	_, at, err = target(&url.URL{Scheme: at.Scheme, Host: at.Host}, &external.Message{
		Address: method + ":" + strings.TrimPrefix(uri, at.Scheme+"://"+at.Host),
	})
	if err != nil {
		t.Fatal(err)
	}
	if header == nil {
		header = http.Header{}
	}
	request := &http.Request{Method: method, URL: at, Host: hostOf(at), Header: header}
	if err := sign(request, []byte(body), by, now); err != nil {
		t.Fatal(err)
	}
	return request
}

// TestAWS4 checks signatures against those that Amazon has published: the test suite for version 4 of its signatures, and the examples of the
// documentation of IAM and S3.
func TestAWS4(t *testing.T) {
	const suiteKey, s3Key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	suite := snapshot.HMAC{
		Algorithm: snapshot.HMACAWS4, KeyID: "AKIDEXAMPLE", Key: suiteKey, Region: "us-east-1", Service: "service",
		ContentHash: snapshot.ContentHashExcluded, SignedHeaders: []string{"host"},
	}
	suiteTime := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	iam, s3 := suite, suite
	iam.Service, iam.SignedHeaders = "iam", []string{"content-type", "host"}
	s3.KeyID, s3.Key, s3.Service, s3.ContentHash, s3.SingleEncoding = "AKIAIOSFODNN7EXAMPLE", s3Key, "s3", snapshot.ContentHashIncluded, true
	s3Time := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	s3Range, s3Put, s3Single, typed, spaced := s3, s3, suite, suite, suite
	s3Range.SignedHeaders = []string{"host", "range"}
	s3Put.SignedHeaders = []string{"date", "host", "x-amz-storage-class"}
	s3Single.SingleEncoding = true
	typed.SignedHeaders = []string{"content-type", "host"}
	spaced.SignedHeaders = []string{"host", "my-header1", "my-header2"}

	for name, test := range map[string]struct {
		by          *snapshot.HMAC
		now         time.Time
		method, uri string
		header      http.Header
		body        string
		headers     string // that are signed
		signature   string
	}{
		"nothing special": {
			by: &suite, now: suiteTime, method: "GET", uri: "https://example.amazonaws.com/",
			headers: "host;x-amz-date", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
		},
		"another method": {
			by: &suite, now: suiteTime, method: "POST", uri: "https://example.amazonaws.com/",
			headers: "host;x-amz-date", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
		},
		"parameters in another order": {
			by: &suite, now: suiteTime, method: "GET", uri: "https://example.amazonaws.com/?Param2=value2&Param1=value1",
			headers: "host;x-amz-date", signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
		},
		"a path of another alphabet": { // The suite encodes it once.
			by: &s3Single, now: suiteTime, method: "GET", uri: "https://example.amazonaws.com/ሴ",
			headers: "host;x-amz-date", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
		},
		"spaces in a header": {
			by: &spaced, now: suiteTime, method: "GET", uri: "https://example.amazonaws.com/",
			header:  http.Header{"My-Header1": {" value1"}, "My-Header2": {` "a   b   c"`}},
			headers: "host;my-header1;my-header2;x-amz-date", signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
		},
		"a form": {
			by: &typed, now: suiteTime, method: "POST", uri: "https://example.amazonaws.com/",
			header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, body: "Param1=value1",
			headers: "content-type;host;x-amz-date", signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
		},
		"IAM": {
			by: &iam, now: suiteTime, method: "GET", uri: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
			header:  http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}},
			headers: "content-type;host;x-amz-date", signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
		},
		"S3, some of an object": {
			by: &s3Range, now: s3Time, method: "GET", uri: "https://examplebucket.s3.amazonaws.com/test.txt",
			header:  http.Header{"Range": {"bytes=0-9"}},
			headers: "host;range;x-amz-content-sha256;x-amz-date", signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
		},
		"S3, a new object": {
			by: &s3Put, now: s3Time, method: "PUT", uri: "https://examplebucket.s3.amazonaws.com/test$file.text", body: "Welcome to Amazon S3.",
			header:  http.Header{"Date": {"Fri, 24 May 2013 00:00:00 GMT"}, "X-Amz-Storage-Class": {"REDUCED_REDUNDANCY"}},
			headers: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
		},
		"S3, parameters": {
			by: &s3, now: s3Time, method: "GET", uri: "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J",
			headers: "host;x-amz-content-sha256;x-amz-date", signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
		},
		"S3, a parameter without value": {
			by: &s3, now: s3Time, method: "GET", uri: "https://examplebucket.s3.amazonaws.com/?lifecycle",
			headers: "host;x-amz-content-sha256;x-amz-date", signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		},
	} {
		t.Run(name, func(t *testing.T) {
			request := signed(t, test.method, test.uri, test.body, test.header, test.by, test.now)
			want := "AWS4-HMAC-SHA256 Credential=" + string(test.by.KeyID) + "/" + test.now.Format("20060102") + "/us-east-1/" +
				test.by.Service + "/aws4_request, SignedHeaders=" + test.headers + ", Signature=" + test.signature
			if got := request.Header.Get("Authorization"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if got, want := request.Header.Get("X-Amz-Date"), test.now.Format("20060102T150405Z"); got != want {
				t.Errorf("the date is %s, want %s", got, want)
			}
		})
	}
}

// TestAWS4ContentHash checks what is said of the content.
func TestAWS4ContentHash(t *testing.T) {
	const ofAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	for hash, want := range map[snapshot.ContentHash]string{
		snapshot.ContentHashExcluded: "", snapshot.ContentHashIncluded: ofAbc, snapshot.ContentHashUnsigned: "UNSIGNED-PAYLOAD",
	} {
		by := &snapshot.HMAC{Algorithm: snapshot.HMACAWS4, KeyID: "k", Key: "s", Region: "r", Service: "s", ContentHash: hash, SignedHeaders: []string{"host"}}
		header := http.Header{"X-Amz-Content-Sha256": {"from a message"}, "X-Amz-Date": {"from a message"}, "Authorization": {"from a message"}}
		first := signed(t, "PUT", "https://a/", "abc", header, by, noon)
		if got := first.Header.Get("X-Amz-Content-Sha256"); got != want {
			t.Errorf("%s: got %q, want %q", hash, got, want)
		}
		other := signed(t, "PUT", "https://a/", "abd", nil, by, noon)
		same := first.Header.Get("Authorization") == other.Header.Get("Authorization")
		if same != (hash == snapshot.ContentHashUnsigned) {
			t.Errorf("%s: the content is signed: %v", hash, !same)
		}
	}
}

// TestAWS4Paths checks how paths are signed: as they are sent and encoded once more, or once for S3.
func TestAWS4Paths(t *testing.T) {
	base := &url.URL{Scheme: "https", Host: "a"}
	for address, want := range map[string][2]string{
		"/":                     {"/", "/"},
		"/things/org.acme:lamp": {"/things/org.acme%3Alamp", "/things/org.acme%3Alamp"},
		"/a b":                  {"/a%2520b", "/a%20b"},
		"/a%3Ab":                {"/a%253Ab", "/a%3Ab"},
		"/a//b/":                {"/a/b/", "/a//b/"},
	} {
		_, at, err := target(base, &external.Message{Address: "GET:" + address})
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{canonicalPath(at, false), canonicalPath(at, true)}; got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
	if got := canonicalPath(base, false); got != "/" {
		t.Errorf("no path is signed as %q", got)
	}
}

func TestAWS4Queries(t *testing.T) {
	for query, want := range map[string]string{
		"":                "",
		"b=2&a=1":         "a=1&b=2",
		"a=2&a=1&A=3":     "A=3&a=1&a=2",
		"a":               "a=",
		"a=b=c&&":         "a=b%3Dc",
		"a=x+y&b=x%20y":   "a=x%20y&b=x%20y",
		"a=%zz":           "a=%25zz",
		"p=%2f/&q=~-._!*": "p=%2F%2F&q=~-._%21%2A",
		"a-b=1&a=2":       "a=2&a-b=1",
	} {
		if got := canonicalQuery(query); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

// TestAzureMonitor checks a signature that was calculated with other means.
func TestAzureMonitor(t *testing.T) {
	by := &snapshot.HMAC{Algorithm: snapshot.HMACAzureMonitor, KeyID: "workspace", Key: "c2VjcmV0IGtleQ=="}
	header := http.Header{"Content-Type": {"application/json"}}
	body := strings.Repeat("x", 1024)
	request := signed(t, "POST", "https://workspace.ods.opinsights.azure.com/api/logs?api-version=2016-04-01", body, header, by,
		time.Date(2016, 4, 4, 8, 0, 0, 0, time.UTC))
	if got, want := request.Header.Get("Authorization"), "SharedKey workspace:MxpvkcOXSlN0E2g/AFZCaMjAWIRjNP9rutnW/AORxbE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := request.Header.Get("X-Ms-Date"), "Mon, 04 Apr 2016 08:00:00 GMT"; got != want {
		t.Errorf("the date is %s, want %s", got, want)
	}
}

// TestAzureSAS checks a signature that was calculated with other means.
func TestAzureSAS(t *testing.T) {
	by := &snapshot.HMAC{
		Algorithm: snapshot.HMACAzureSAS, KeyID: "owner", Key: "c2VjcmV0IGtleQ==", Endpoint: "hub.azure-devices.net/devices/a b", TTL: time.Hour,
	}
	request := signed(t, "POST", "https://hub.azure-devices.net/", "", nil, by, time.Unix(1_700_000_000, 0).UTC())
	want := "SharedAccessSignature sr=hub.azure-devices.net%2Fdevices%2Fa%20b&sig=mFXGncYxPSJlOV0APT0zhQMlGDIWKy6VBJlO3bpxYkc%3D&se=1700003600&skn=owner"
	if got := request.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSignWrongKeys(t *testing.T) {
	for name, by := range map[string]snapshot.HMAC{
		"a key that is not base64":     {Algorithm: snapshot.HMACAzureMonitor, KeyID: "k", Key: "hunter2!"},
		"a key of SAS that is neither": {Algorithm: snapshot.HMACAzureSAS, KeyID: "k", Key: "hunter2!"},
		"an algorithm of the future":   {Algorithm: "hunter3", KeyID: "k", Key: "aHVudGVyMg=="},
		"a name of two lines":          {Algorithm: snapshot.HMACAWS4, KeyID: "k\r\nhunter2: a", Key: "k"},
		"one of Azure of two lines":    {Algorithm: snapshot.HMACAzureMonitor, KeyID: "k\nhunter2: a", Key: "aHVudGVyMg=="},
	} {
		request := &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: "https", Host: "a"}, Header: http.Header{}}
		if err := sign(request, nil, &by, noon); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
