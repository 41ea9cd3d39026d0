// Package ledgertest is the conformance suite of [ledger.Store]: every sentence
// of the port's contract as a test. An adapter's test calls [Run].
package ledgertest

import (
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/account"
	"github.com/dendro-carbon/dendro/internal/ledger"
)

// Harness makes stores for the suite.
type Harness struct {
	// Open returns an empty store with the calendar. It closes and removes the
	// store by t.Cleanup.
	Open func(t *testing.T, c account.Calendar) ledger.Store
	// Reopen closes a store and opens what it kept, as after a restart. It is
	// nil for stores that keep nothing.
	Reopen func(t *testing.T, s ledger.Store) ledger.Store
	// Join opens what a store keeps a second time, as another process would. It
	// is nil for stores that have one writer.
	Join func(t *testing.T, s ledger.Store) ledger.Store
}

// Run runs the suite; every test gets a store of its own.
func Run(t *testing.T, h Harness) {
	t.Helper()
	tests := []struct {
		name string
		run  func(t *testing.T, h Harness)
	}{
		{"empty store", testEmpty},
		{"commit and read", testCommitAndRead},
		{"commit is idempotent", testIdempotent},
		{"commit refuses other revisions", testConflict},
		{"commit refuses what is not valid", testInvalidCommit},
		{"commit is all or nothing", testAllOrNothing},
		{"several commits are as one by one", testSeveral},
		{"several commits are all or nothing", testSeveralOrNothing},
		{"texts", testTexts},
		{"commit keeps nothing of the caller", testOwnership},
		{"restatement", testRestatement},
		{"facts as known at", testFactsAsKnownAt},
		{"entries keep their basis", testEntriesBasis},
		{"filter", testFilter},
		{"sums equal entries", testSumsEqualEntries},
		{"sums follow the zone", testSumsFollowZone},
		{"sums after shrinking", testSumsAfterShrinking},
		{"order of commits does not matter", testCommitOrder},
		{"later accounts in their places", testLaterAccounts},
		{"folds", testFolds},
		{"intensities", testIntensities},
		{"holdings", testHoldings},
		{"methods", testMethods},
		{"status", testStatus},
		{"retention", testRetention},
		{"pins", testPins},
		{"marks", testMarks},
		{"leases", testLeases},
		{"a lost turn", testLostTurn},
		{"several processes", testSeveralProcesses},
		{"breaking off a loop", testBreak},
		{"readers see one state", testSnapshot},
		{"concurrent use", testConcurrent},
		{"cancelled context", testCancelled},
		{"closed store", testClosed},
		{"reopen", testReopen},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, h)
		})
	}
}

// start is the first slot of most tests: summer time in London.
func start() time.Time { return time.Date(2026, 3, 28, 22, 0, 0, 0, time.UTC) }

// calendar is half-hour slots in a zone without daylight saving time.
func calendar(t *testing.T) account.Calendar {
	t.Helper()
	return zoned(t, time.UTC)
}

func zoned(t *testing.T, zone *time.Location) account.Calendar {
	t.Helper()
	c, err := account.NewCalendar(account.DefaultStep, zone)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
