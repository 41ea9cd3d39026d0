// Package foreign writes periods as reports of perf-sentinel (schema v1.6), which its
// consumers accept, and verifies the content hash of such reports.
//
// The fact that a reader would get wrong: the hash is of what perf-sentinel would read
// and write again, and not of the file. Members that it does not know are in no hash, nor
// are the level of integrity, the signature and the attestation of the binary.
package foreign
