// Package contract holds nothing but tests: they drive our client through every call that it makes, against our
// rehearsal, and check each request and each answer against Pinterest's own description of the API. So client
// and rehearsal cannot agree with each other on something that Pinterest does not know.
//
// It is a module of its own, so that the checker's dependencies stay out of pinfold's. PINFOLD_OPENAPI names the
// description, and PINFOLD_SYNC_TOOLS the list of the names that sync tools leave in a folder, each of which the
// watcher must know:
//
//	cd .ci/contract && PINFOLD_OPENAPI=/path/to/openapi.yaml PINFOLD_SYNC_TOOLS=/path/to/sync-tools.md go test ./...
package contract
