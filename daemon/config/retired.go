package config

import "github.com/divitio/pinfold/watcher/strictyaml"

// retirement is a setting that was taken out of a section or got another name in it.
type retirement struct {
	section string // as strictyaml.Map's Path; "" is the top, "folders[]" each folder
	old     string
	now     string // "" for one that does nothing any more
}

// retired are the settings of the last version that this one understands still, with a warning. The version that comes
// after it refuses them: an entry stays for one minor version. None was retired so far.
var retired []retirement

// retire reads a mapping's retired settings by the names that they have now.
func (r reader) retire(m *strictyaml.Map) {
	for _, one := range r.retired {
		if one.section == m.Path() {
			m.Retire(one.old, one.now)
		}
	}
}
