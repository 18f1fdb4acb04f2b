// Package crash names the instants between two steps at which a death would tell whether they are safe. In a
// normal build the calls do nothing. Built with the tag crashpoints, the process kills itself by SIGKILL at the
// point that $PINFOLD_CRASH names: `PINFOLD_CRASH=publish/after-intent-commit` at its first passing,
// `PINFOLD_CRASH=publish/after-intent-commit:2` at its second. Nothing is flushed, closed or unlocked.
//
// The tests find the names in the source, so a name is always a literal; a point that no test covers fails them.
package crash
