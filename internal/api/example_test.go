package api_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/api"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
	"github.com/dendro-carbon/dendro/internal/query"
)

// The API over an empty ledger, for those who have a token.
func ExampleServer_Handler() {
	calendar, err := account.NewCalendar(account.DefaultStep, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	// A name, a scope, and the SHA-256 of the token, which here is "test".
	tokens, err := api.ReadTokens("tokens", strings.NewReader(
		"reader read 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	store := memory.New(calendar)
	server := api.New(api.Deps{
		Store: store, Engine: query.New(store, query.Options{}), Driver: &driver{}, Log: slog.New(slog.DiscardHandler),
		Version: "v1", Tokens: tokens,
	})
	handler := server.Handler()
	ask := func(token string) {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/query?by=group&month=2026-01", nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var answer query.Answer
		_ = json.Unmarshal(w.Body.Bytes(), &answer)
		fmt.Println(w.Code, answer.TimeZone, len(answer.Nodes))
	}
	ask("")
	ask("test")

	description, err := server.OpenAPI()
	fmt.Println(strings.Contains(string(description), `"/api/v1/query"`), err)
	_, err = api.ReadTokens("tokens", strings.NewReader("reader write 9f86\n"))
	fmt.Println(err)
	// Output:
	// 401  0
	// 200 UTC 0
	// true <nil>
	// tokens:1: scope "write" is not read or admin
	//   Try: write NAME read|admin SHA256, such as the output of: printf %s TOKEN | sha256sum
}
