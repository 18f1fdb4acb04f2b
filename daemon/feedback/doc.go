// Package feedback speaks to the photographer where the photographs are: notes beside the photos that need a
// person, one about the whole folder at its top, and posted photos put away into posted/YYYY/.
//
// It is level-triggered. It is told what should be there and what the watcher saw there, compares the two in
// memory, and touches the disk only for the difference. Nothing is remembered but in the folder itself, so a
// death at any instant, a lost state directory and a restored backup heal at the next look. A file that pinfold
// did not write is never changed, and no link is followed out of the folder.
package feedback
