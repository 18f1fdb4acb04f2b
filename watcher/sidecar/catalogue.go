package sidecar

import "github.com/divitio/pinfold/watcher/strictyaml"

// The ids of the findings that this package makes, besides strictyaml's. They are stable.
const (
	IDBadLink        = "bad-link"
	IDBadTimezone    = "bad-timezone"
	IDBadAccount     = "bad-account"
	IDBoardConflict  = "board-conflict"
	IDDuplicateBoard = "duplicate-board"
	IDBadImage       = "bad-image"
	IDDuplicateImage = "duplicate-image"
)

// Catalogue lists the ids of this package with what they mean, for the documentation.
func Catalogue() []strictyaml.Entry {
	return []strictyaml.Entry{
		{ID: IDBadLink, Means: "a link that is not http or https with a host, or holds a blank"},
		{ID: IDBadTimezone, Means: "not an IANA time zone name such as Europe/Oslo"},
		{ID: IDBadAccount, Means: "not an account's name: 1 to 32 of a-z, 0-9, _ and -"},
		{ID: IDBoardConflict, Means: "two keys that both say which board it is, or section beside boards"},
		{ID: IDDuplicateBoard, Means: "the same board and section twice in boards"},
		{ID: IDBadImage, Means: "a photo's name in images that is absolute, leaves the directory or is no path"},
		{ID: IDDuplicateImage, Means: "the same photo twice in images"},
	}
}
