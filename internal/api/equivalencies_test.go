package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dendro-carbon/dendro/internal/api"
)

func TestEquivalencies(t *testing.T) {
	t.Parallel()
	handler := api.New(api.Deps{}).Handler()
	ask := func(query string) (int, []byte) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/equivalencies?"+query, nil))
		return w.Code, w.Body.Bytes()
	}
	code, body := ask("gco2e=1000&count=2")
	var got struct {
		Mass          float64 `json:"gco2e"`
		Equivalencies []struct {
			Name   string
			Amount float64
			Source string
		}
	}
	if err := json.Unmarshal(body, &got); err != nil || code != http.StatusOK {
		t.Fatalf("%d %s: %v", code, body, err)
	}
	if got.Mass != 1000 || len(got.Equivalencies) != 2 || got.Equivalencies[0].Name != "plastic_bottles" ||
		got.Equivalencies[0].Amount != 12.1 || got.Equivalencies[0].Source == "" {
		t.Errorf("%s", body)
	}
	for _, wrong := range []string{"", "gco2e=-1", "gco2e=x", "gco2e=1e300", "gco2e=1&count=0", "gco2e=1&count=14"} {
		if code, body := ask(wrong); code != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d %s", wrong, code, body)
		}
	}
}

// TestQuestionsNeedToRead holds that what is asked by POST needs no token of scope admin,
// and what changes something does.
func TestQuestionsNeedToRead(t *testing.T) {
	t.Parallel()
	hash := sha256.Sum256([]byte("secret"))
	tokens, err := api.ReadTokens("tokens", strings.NewReader("reader read "+hex.EncodeToString(hash[:])+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	server := api.New(api.Deps{Tokens: tokens})
	server.Mux().HandleFunc("POST /{path...}", func(http.ResponseWriter, *http.Request) {})
	for path, want := range map[string]int{
		"/workspaces/track": http.StatusOK, "/carbon/calculate": http.StatusOK, "/carbon/equivalencies": http.StatusOK,
		"/api/v1/backfill": http.StatusUnauthorized, "/workspaces/track/": http.StatusUnauthorized, "/carbon/": http.StatusUnauthorized,
	} {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header.Set("Authorization", "Bearer secret")
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}
