package watcher

import "testing"

func TestANewSidecarFitsItsPhotoAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		names []string
		want  map[string]string
	}{
		"alone":               {[]string{"fog.jpg"}, map[string]string{"fog.jpg": "fog.yaml"}},
		"two of one stem":     {[]string{"fog.jpg", "fog.png"}, map[string]string{"fog.jpg": "fog.jpg.yaml", "fog.png": "fog.png.yaml"}},
		"capitals":            {[]string{"Fog.JPG", "FOG.png"}, map[string]string{"Fog.JPG": "Fog.JPG.yaml", "FOG.png": "FOG.png.yaml"}},
		"a name in a name":    {[]string{"fog.jpg", "fog.jpg.png"}, map[string]string{"fog.jpg": "fog.yaml", "fog.jpg.png": "fog.jpg.png.yaml"}},
		"twins":               {[]string{"fog.jpg", "FOG.JPG"}, map[string]string{"fog.jpg": "", "FOG.JPG": ""}},
		"one not downloaded":  {[]string{"fog.jpg", "fog.png.icloud"}, map[string]string{"fog.jpg": "fog.yaml"}},
		"one away":            {[]string{"fog.jpg", ".fog.png.icloud"}, map[string]string{"fog.jpg": "fog.jpg.yaml"}},
		"dots":                {[]string{"a.b.c.jpg"}, map[string]string{"a.b.c.jpg": "a.b.c.yaml"}},
		"two forms of é":      {[]string{"caf\u00e9.jpg", "cafe\u0301.png"}, map[string]string{"caf\u00e9.jpg": "caf\u00e9.jpg.yaml"}},
		"with another's text": {[]string{"fog.jpg", "lake.png", "lake.yaml"}, map[string]string{"fog.jpg": "fog.yaml", "lake.png": "lake.yaml"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names := mustList(t, folder(t, tt.names...), ".").NewSidecars()
			for photo, want := range tt.want {
				if got := names[photo]; got != want {
					t.Errorf("%s gets %q, want %q", photo, got, want)
				}
			}
		})
	}
}
