package config

import "github.com/divitio/pinfold/watcher/strictyaml"

// The ids of the findings that this package makes, besides strictyaml's and sidecar's. They are stable.
const (
	IDNestedFolder  = "nested-folder"
	IDBadPath       = "bad-path"
	IDBadPattern    = "bad-pattern"
	IDBadTime       = "bad-time"
	IDBadDate       = "bad-date"
	IDBadSlot       = "bad-slot"
	IDDuplicateSlot = "duplicate-slot"
	IDBadURL        = "bad-url"
	IDBadListen     = "bad-listen"
	IDBadHost       = "bad-host"
)

// Catalogue lists the ids of this package with what they mean, for the documentation.
func Catalogue() []strictyaml.Entry {
	return []strictyaml.Entry{
		{ID: IDNestedFolder, Means: "a folder is given twice, or lies inside another"},
		{ID: IDBadPath, Means: "a path begins with ~ where there is no home directory, or names another user's"},
		{ID: IDBadPattern, Means: "an ignore pattern that is malformed or not relative to its folder"},
		{ID: IDBadTime, Means: "not a time of day as HH:MM, 24 hours"},
		{ID: IDBadDate, Means: "not a date as YYYY-MM-DD"},
		{ID: IDBadSlot, Means: "not a time of the week such as Mon-Fri 09:00"},
		{ID: IDDuplicateSlot, Means: "the same day and time twice in the slots"},
		{ID: IDBadURL, Means: "not a web address of the form that is needed here"},
		{ID: IDBadListen, Means: "not an address to listen on: host:port"},
		{ID: IDBadHost, Means: "not a host name: no scheme, port or path belongs to it"},
	}
}
