package schedule

import (
	"fmt"
	"sync"
	"time"
)

// ChooseZone picks the IANA name that holds for a post: the sidecar's, the folder's, the config's, then the one
// that was taken from the system at first start. "" means that nobody chose one.
func ChooseZone(sidecar, folder, config, stored string) string {
	for _, name := range []string{sidecar, folder, config, stored} {
		if name != "" {
			return name
		}
	}
	return ""
}

// LoadZone finds a zone by its IANA name. "" gives nil, which ParseAt takes as "no zone chosen"; "Local" is
// refused, because it would change with the machine.
func LoadZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("%s is not a time zone: write an IANA name, as in Europe/Oslo", quote(name))
	}
	zones.Store(name, zone)
	return zone, nil
}

// zones are those that were found, by name: each takes longer to find than to use, and there are some hundred.
var zones sync.Map
