package memory_test

import (
	"testing"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
	"github.com/dendro-carbon/dendro/internal/ledger/ledgertest"
	"github.com/dendro-carbon/dendro/internal/ledger/memory"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, ledgertest.Harness{
		Open: func(t *testing.T, c account.Calendar) ledger.Store {
			s := memory.New(c)
			t.Cleanup(func() { s.Close() })
			return s
		},
	})
}
