package account_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
)

func ExampleHostKey() {
	key, _ := account.NewHostKey("strip-port", "lower", "dashed-ip:host-{ip}.nubes.stfc.ac.uk")
	fmt.Println(key.Of("host-172-16-100-50.nubes.stfc.ac.uk:9100"), key.Of("172.16.100.50"))
	// Output: 172.16.100.50 172.16.100.50
}

func TestHostKey(t *testing.T) {
	t.Parallel()
	const dashed = "dashed-ip:host-{ip}.example.org"
	for _, tt := range []struct{ normaliser, host, want string }{
		{"strip-port", "node:9100", "node"},
		{"strip-port", "node", "node"},
		{"strip-port", "node:", "node:"},
		{"strip-port", "node:x", "node:x"},
		{"strip-port", "10.0.0.1:1", "10.0.0.1"},
		{"strip-port", "[::1]:9100", "::1"},
		{"strip-port", "[::1]", "::1"},
		{"strip-port", "[::1", "[::1"},
		{"strip-port", "[::1]x", "[::1]x"},
		{"strip-port", "fe80::1", "fe80::1"},
		{"lower", "Node.Example.ORG", "node.example.org"},
		{"short-name", "node.example.org", "node"},
		{"short-name", "10.0.0.1", "10.0.0.1"},
		{"short-name", "fe80::1", "fe80::1"},
		{"short-name", "node", "node"},
		{dashed, "host-10-0-0-1.example.org", "10.0.0.1"},
		{dashed, "host-10-0-0-256.example.org", "host-10-0-0-256.example.org"},
		{dashed, "host-10-0-0.example.org", "host-10-0-0.example.org"},
		{dashed, "host-10-0-0-1.example.com", "host-10-0-0-1.example.com"},
		{dashed, "host-.example.org", "host-.example.org"},
		{dashed, "host-", "host-"},
		{"dashed-ip:{ip}", "10-0-0-1", "10.0.0.1"},
	} {
		k, err := account.NewHostKey(tt.normaliser)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.Of(tt.host); got != tt.want {
			t.Errorf("%s of %q = %q, want %q", tt.normaliser, tt.host, got, tt.want)
		}
	}
	if got := (account.HostKey{}).Of("A:1"); got != "A:1" {
		t.Errorf("the zero value changes %q", got)
	}
	for _, bad := range []string{"", "strip", "dashed-ip", "dashed-ip:host", "dashed-ip:{ip}{ip}", "lower:x"} {
		if _, err := account.NewHostKey(bad); !errors.Is(err, account.ErrNormalizer) {
			t.Errorf("%q: %v, want ErrNormalizer", bad, err)
		}
	}
}
