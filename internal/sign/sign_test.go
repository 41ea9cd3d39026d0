package sign_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/dendro-carbon/dendro/internal/sign"
)

const statement = `{"_type":"https://in-toto.io/Statement/v1","predicate":{}}` + "\n"

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// keys returns one key of each kind.
func keys(t testing.TB) []*sign.PrivateKey {
	var all []*sign.PrivateKey
	for _, kind := range []sign.Kind{sign.Ed25519, sign.ECDSAP256} {
		all = append(all, must(sign.NewKey(kind))(t))
	}
	return all
}

func ExampleSign() {
	key, err := sign.NewKey(sign.Ed25519)
	if err != nil {
		fmt.Println(err)
		return
	}
	envelope, err := sign.Sign([]byte("{}\n"), key)
	if err != nil {
		fmt.Println(err)
		return
	}
	public, err := key.Public()
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := sign.Verify(envelope, public)
	fmt.Printf("%q %v\n", text, err)
	// Output: "{}\n" <nil>
}

func TestKeysRoundTrip(t *testing.T) {
	for _, key := range keys(t) {
		public := must(key.Public())(t)
		again := must(sign.ParsePrivate(must(key.PEM())(t)))(t)
		read := must(sign.ParsePublic(public.PEM()))(t)
		fromPrivate := must(sign.ParsePublic(must(key.PEM())(t)))(t)
		for _, id := range []string{must(again.Public())(t).ID(), read.ID(), fromPrivate.ID()} {
			if id != public.ID() || len(id) != 64 {
				t.Errorf("%s: key %s came back as %s", public.Kind(), public.ID(), id)
			}
		}
		if read.Kind() != public.Kind() {
			t.Errorf("%s came back as %s", public.Kind(), read.Kind())
		}
	}
	if _, err := sign.NewKey("rsa"); !errors.Is(err, sign.ErrKey) {
		t.Errorf("rsa: %v", err)
	}
}

func TestRefusesWhatIsNoKey(t *testing.T) {
	public := must(keys(t)[0].Public())(t)
	for _, text := range []string{
		"", "no key", string(public.PEM()),
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	} {
		if _, err := sign.ParsePrivate([]byte(text)); !errors.Is(err, sign.ErrKey) {
			t.Errorf("%q as private key: %v", text, err)
		}
	}
	for _, text := range []string{"", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", otherCurve(t)} {
		if _, err := sign.ParsePublic([]byte(text)); !errors.Is(err, sign.ErrKey) {
			t.Errorf("%q as public key: %v", text, err)
		}
	}
}

// otherCurve returns a key on a curve that is not supported.
func otherCurve(t testing.TB) string {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))(t)
	der := must(x509.MarshalPKIXPublicKey(key.Public()))(t)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestSignaturesAreDeterministicAndForeignLibrariesTakeThem(t *testing.T) {
	for _, key := range keys(t) {
		public := must(key.Public())(t)
		envelope := must(sign.Sign([]byte(statement), key))(t)
		if again := must(sign.Sign([]byte(statement), key))(t); !bytes.Equal(envelope, again) {
			t.Errorf("%s: signed twice, two texts", public.Kind())
		}
		if got := must(sign.Verify(envelope, public))(t); string(got) != statement {
			t.Errorf("%s: got %q", public.Kind(), got)
		}
		opened, ids, err := sign.Open(envelope)
		if err != nil || string(opened) != statement || len(ids) != 1 || ids[0] != public.ID() {
			t.Errorf("%s: opened as %q by %v, %v", public.Kind(), opened, ids, err)
		}
		var foreign dsse.Envelope
		if err := json.Unmarshal(envelope, &foreign); err != nil {
			t.Fatal(err)
		}
		if body := must(foreign.DecodeB64Payload())(t); string(body) != statement {
			t.Errorf("the library of envelopes reads %q", body)
		}
	}
}

// TestEveryByteCounts changes each byte of an envelope, and cuts it at each.
func TestEveryByteCounts(t *testing.T) {
	for _, key := range keys(t) {
		public := must(key.Public())(t)
		envelope := must(sign.Sign([]byte(statement), key))(t)
		for i := range envelope {
			for _, bit := range []byte{0x01, 0x02, 0x20, 0x80} {
				changed := bytes.Clone(envelope)
				changed[i] ^= bit
				if _, err := sign.Verify(changed, public); !errors.Is(err, sign.ErrSignature) {
					t.Fatalf("%s: byte %d %q changed to %q: %v", public.Kind(), i, envelope[i], changed[i], err)
				}
			}
			if _, err := sign.Verify(envelope[:i], public); !errors.Is(err, sign.ErrSignature) {
				t.Fatalf("%s: cut at %d: %v", public.Kind(), i, err)
			}
		}
	}
}

func TestRefusesAnotherKeyAndMoreSignatures(t *testing.T) {
	key, other := must(sign.NewKey(sign.Ed25519))(t), must(sign.NewKey(sign.Ed25519))(t)
	envelope := must(sign.Sign([]byte(statement), key))(t)
	_, err := sign.Verify(envelope, must(other.Public())(t))
	if !errors.Is(err, sign.ErrSignature) || !strings.Contains(err.Error(), "and not of") {
		t.Errorf("another key: %v", err)
	}
	const marker = `"signatures":[`
	begin := bytes.Index(envelope, []byte(marker)) + len(marker)
	one := envelope[begin : len(envelope)-3]
	twice := bytes.Join([][]byte{envelope[:begin], one, []byte(","), one, []byte("]}\n")}, nil)
	if _, err := sign.Verify(twice, must(key.Public())(t)); !errors.Is(err, sign.ErrSignature) {
		t.Errorf("a signature twice: %v", err)
	}
}

// TestOpensslAgrees has openssl make keys, and verify a signature.
func TestOpensslAgrees(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	dir := t.TempDir()
	openssl := func(args ...string) []byte {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "openssl", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
		return out
	}
	for _, made := range [][]string{
		{"genpkey", "-algorithm", "ed25519", "-out", "key"},
		{"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "key"},
	} {
		openssl(made...)
		openssl("pkey", "-in", "key", "-pubout", "-out", "key.pub")
		private := must(sign.ParsePrivate(must(os.ReadFile(filepath.Join(dir, "key")))(t)))(t)
		public := must(sign.ParsePublic(must(os.ReadFile(filepath.Join(dir, "key.pub")))(t)))(t)
		envelope := must(sign.Sign([]byte(statement), private))(t)
		must(sign.Verify(envelope, public))(t)
		var e dsse.Envelope
		if err := json.Unmarshal(envelope, &e); err != nil {
			t.Fatal(err)
		}
		signature := must((&dsse.Envelope{Payload: e.Signatures[0].Sig}).DecodeB64Payload())(t)
		for name, text := range map[string][]byte{"text": dsse.PAE(sign.PayloadType, []byte(statement)), "sig": signature} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if public.Kind() == sign.Ed25519 {
			openssl("pkeyutl", "-verify", "-pubin", "-inkey", "key.pub", "-rawin", "-in", "text", "-sigfile", "sig")
		} else {
			openssl("dgst", "-sha256", "-verify", "key.pub", "-signature", "sig", "text")
		}
	}
}

func FuzzVerify(f *testing.F) {
	key, err := sign.NewKey(sign.Ed25519)
	if err != nil {
		f.Fatal(err)
	}
	public := must(key.Public())(f)
	good := must(sign.Sign([]byte(statement), key))(f)
	f.Add(good)
	f.Add([]byte(`{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"","sig":""}]}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := sign.Verify(text, public)
		if err == nil && (!bytes.Equal(text, good) || string(got) != statement) {
			t.Errorf("%q verifies", text)
		}
	})
}
