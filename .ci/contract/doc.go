// Package contract holds nothing but tests: they drive our client through every call that it makes, against our
// rehearsal, and check each request and each answer against Pinterest's own description of the API. So client
// and rehearsal cannot agree with each other on something that Pinterest does not know.
//
// It is a module of its own, so that the checker's dependencies stay out of pinfold's. PINFOLD_OPENAPI names the
// description:
//
//	cd .ci/contract && PINFOLD_OPENAPI=/path/to/openapi.yaml go test ./...
package contract
