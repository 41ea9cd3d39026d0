package disclosure_test

import (
	"testing"

	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/dendro-carbon/dendro/internal/disclosure"
)

// TestStatementIsOneOfInToto has the project's own reader take a statement.
func TestStatementIsOneOfInToto(t *testing.T) {
	t.Parallel()
	_, text := made(t, january(), request())
	statement, err := disclosure.Statement("r.json", text)
	if err != nil {
		t.Fatal(err)
	}
	var s intoto.Statement
	if err := protojson.Unmarshal(statement, &s); err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	if got := s.GetSubject()[0]; got.GetName() != "r.json" || got.GetDigest()["sha256"] != disclosure.Hash(text) {
		t.Errorf("about %v", got)
	}
	if got := s.GetPredicate().GetFields()["location_based_gco2e"].GetNumberValue(); got != 0.6 {
		t.Errorf("says %v", got)
	}
	if s.GetPredicateType() != disclosure.PredicateType {
		t.Errorf("of type %s", s.GetPredicateType())
	}
}
