package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTokensFollowTheFile holds that tokens come and go while the server runs, and
// that a file which is not valid locks nobody out.
func TestTokensFollowTheFile(t *testing.T) {
	t.Parallel()
	c := settings(t, nobody)
	c.Auth.TokensFile = filepath.Join(c.Data, "tokens")
	write := func(text string) {
		if err := os.WriteFile(c.Auth.TokensFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const secret = "grafana read 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\n"
	write(secret)
	a := serve(t, c)
	expect := func(want int) {
		t.Helper()
		got := 0
		for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
			if got = status(t, http.MethodGet, a.URL()+"/api/v1/status", "", "secret"); got == want {
				return
			}
		}
		t.Fatalf("status %d, want %d", got, want)
	}
	expect(200)
	write(fmt.Sprintf("another read %064d\n", 0))
	expect(401)
	write("nonsense\n")
	time.Sleep(1500 * time.Millisecond) // the file has been looked at
	expect(401)
	write(secret + "# again\n")
	expect(200)
}
