package watcher

// NewSidecars gives the name for a new sidecar of each photo in the directory, by the photo's name: the short one
// (fog.yaml) where it fits no other photo, else the long one (fog.jpg.yaml). A photo that neither fits alone is
// not among them.
func (l Listing) NewSidecars() map[string]string {
	var files []file
	for _, item := range l.Items {
		if item.Photo != nil {
			files = append(files, file{entry: item.Photo, name: item.Photo.Name, key: Key(item.Photo.Name)})
		}
	}
	for _, path := range l.Placeholders {
		if name := baseName(path); kindOf(Key(name)) == kindPhoto {
			files = append(files, file{name: name, key: Key(name)})
		}
	}
	p := newPairing(files)
	names := make(map[string]string, len(p.photos))
	for i, photo := range p.photos {
		for _, candidate := range []string{photo.name[:len(stemOf(photo.name))] + ".yaml", photo.name + ".yaml"} {
			if fits := p.fits(Key(candidate)); len(fits) == 1 && fits[0] == i {
				names[photo.name] = candidate
				break
			}
		}
	}
	return names
}
