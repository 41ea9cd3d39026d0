// Package derive makes entries of facts, holdings and intensities by a [Method]:
// one pure function, [Deriver.Derive]. Replay, restatement, reading as known at an
// earlier time, comparing two policies and explaining a figure are that function
// with other arguments.
//
// The whole of a host's slot is worked out first and rounded once: energy by its
// meter or power model, carbon by the intensity of the slot. Only then is it
// divided, exactly, among those who held the host. So the total of a ledger does
// not depend on who held what, or on the policy.
//
// The package is pure, like package account.
package derive
