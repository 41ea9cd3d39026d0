package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/secret"
)

func ExampleText() {
	user := struct {
		Name     string
		Password secret.Text
		Token    secret.Text
	}{"ada", "s3cret", ""}
	fmt.Printf("%v %+v %#v\n", user.Password, user, user.Password)
	text, err := json.Marshal(user)
	fmt.Println(string(text), err)
	fmt.Println(len(string(user.Password)), "bytes are sent")
	// Output:
	// [redacted] {Name:ada Password:[redacted] Token:} [redacted]
	// {"Name":"ada","Password":"[redacted]","Token":""} <nil>
	// 6 bytes are sent
}

// TestNeverShown tries every verb, and both handlers of logs.
func TestNeverShown(t *testing.T) {
	t.Parallel()
	const text = "s3cret"
	var told strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&told, verb+" "+verb+"\n", secret.Text(text), []secret.Text{text})
	}
	slog.New(slog.NewTextHandler(&told, nil)).Info("a", "of", secret.Text(text))
	slog.New(slog.NewJSONHandler(&told, nil)).Info("a", "of", secret.Text(text), "many", map[string]secret.Text{"x": text})
	for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprint([]byte(text))} {
		if strings.Contains(told.String(), form) {
			t.Errorf("%q is shown:\n%s", form, told.String())
		}
	}
	if !strings.Contains(told.String(), secret.Shown) {
		t.Error("nothing stands in its place")
	}
}
