package photo

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/divitio/pinfold/watcher/photo/ifd"
)

// private is XMP that must not be sent, in elements, attributes and structures.
const private = `<exif:GPSLatitude xmlns:exif="http://ns.adobe.com/exif/1.0/">GPS-59.9139N</exif:GPSLatitude>` +
	`<aux:SerialNumber xmlns:aux="http://ns.adobe.com/exif/1.0/aux/">SERIAL-4711</aux:SerialNumber>` +
	`<aux:OwnerName xmlns:aux="http://ns.adobe.com/exif/1.0/aux/">OWNER-NAME</aux:OwnerName>` +
	`<i:Location>XMP-PLACE</i:Location><dc:title><rdf:Alt><rdf:li>XMP-PLACE</rdf:li></rdf:Alt></dc:title>`

// mine is XMP that says whose a photo is.
const mine = `<dc:creator><rdf:Seq><rdf:li>Åse Öst</rdf:li><rdf:li>B &amp; C</rdf:li></rdf:Seq></dc:creator>` +
	`<dc:rights><rdf:Alt><rdf:li xml:lang="nb">Norsk</rdf:li><rdf:li xml:lang="x-default">© 2026 Åse</rdf:li></rdf:Alt></dc:rights>` +
	`<p:Credit xmlns:p="http://ns.adobe.com/photoshop/1.0/">Åse / Bureau</p:Credit>`

// credits reads whose a photo is out of its XMP.
func credits(t *testing.T, sent []byte) credit {
	t.Helper()
	var c credit
	src := newSource(bytes.NewReader(sent), int64(len(sent)), nil)
	_, err := walk(src, func(p part) error {
		if p.marker == markAPP1 && bytes.HasPrefix(p.data, []byte(xmpHead)) {
			c.readXMP(p.data[len(xmpHead):])
		}
		if p.marker == 0 {
			c.readXMP(pngPackets(p).xmp)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCreditOutlivesTheStripping(t *testing.T) {
	iim := iimOf(1, 90, "\x1b%G", 2, 80, "Ole", 2, 80, "Kari", 2, 90, "IPTC-CITY", 2, 110, "Ole / Bureau", 2, 116, "© Ole", 2, 92, "IPTC-CITY")
	resources := string(resourcesOf(iim))
	profile := packed(t, fmt.Sprintf("\niptc\n%8d\n%s\n", len(resources), hex.EncodeToString([]byte(resources))))
	xmp := credit{creators: []string{"Åse Öst", "B & C"}, rights: "© 2026 Åse", line: "Åse / Bureau"}
	iptc := credit{creators: []string{"Ole", "Kari"}, rights: "© Ole", line: "Ole / Bureau"}
	mixed := credit{creators: iptc.creators, rights: "Norsk", line: iptc.line}
	extended := extendedHead + strings.Repeat("A", 32) + string(u32(9, 0)) + "XMP-PLACE"
	itxt := func(s string) []byte { return appendChunk(nil, "iTXt", []byte(pngXMP+"\x00\x00\x00en\x00x\x00"+s)) }
	for name, c := range map[string]struct {
		data []byte
		want credit
	}{
		"JPEG, XMP":  {jpegWith(t, segment(0xE1, xmpHead+xmpOf(private+mine)), segment(0xE1, extended)), xmp},
		"JPEG, IPTC": {jpegWith(t, segment(0xED, photoshopHead+resources)), iptc},
		"JPEG, both": {jpegWith(t, segment(0xED, photoshopHead+resources), segment(0xE1, xmpHead+xmpOf(mine+private))), xmp},
		"JPEG, either": {jpegWith(t, segment(0xED, photoshopHead+resources),
			segment(0xE1, xmpHead+xmpOf("<dc:rights>Norsk</dc:rights>"))), mixed},
		"JPEG, none":        {jpegWith(t, segment(0xE1, xmpHead+xmpOf(private))), credit{}},
		"PNG, XMP":          {pngWith(t, itxt(xmpOf(mine+private)), nil), xmp},
		"PNG, XMP behind":   {pngWith(t, nil, itxt(xmpOf(mine+private))), xmp},
		"PNG, XMP packed":   {pngWith(t, appendChunk(nil, "iTXt", []byte(pngXMP+"\x00\x01\x00\x00\x00"+packed(t, xmpOf(private+mine)))), nil), xmp},
		"PNG, XMP profile":  {pngWith(t, rawChunk(t, "xmp", xmpOf(private+mine)), nil), xmp},
		"PNG, APP1 profile": {pngWith(t, rawChunk(t, "APP1", xmpHead+xmpOf(private+mine)), nil), xmp},
		"PNG, IPTC profile": {pngWith(t, appendChunk(nil, "zTXt", []byte("Raw profile type iptc\x00\x00"+profile)), nil), iptc},
	} {
		t.Run(name, func(t *testing.T) {
			sent := send(t, c.data, StripLocation)
			if got := credits(t, sent); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, secret := range secrets {
				if bytes.Contains(sent, []byte(secret)) || bytes.Contains(inflated(sent), []byte(secret)) {
					t.Errorf("%s is sent", secret)
				}
			}
			samePixels(t, decode(t, c.data), decode(t, sent))
			if again := send(t, sent, StripLocation); !bytes.Equal(again, sent) {
				t.Error("stripping twice changes something")
			}
			bare := send(t, c.data, StripAll)
			if got := credits(t, bare); !got.none() || bytes.Contains(bare, []byte("http://")) {
				t.Errorf("without all metadata there is still %q", got)
			}
		})
	}
}

// inflated is what a PNG's text chunks hold when they are unpacked.
// rawChunk is a block of metadata as ImageMagick puts it into a PNG's text.
func rawChunk(t *testing.T, kind, block string) []byte {
	t.Helper()
	text := fmt.Sprintf("\n%s\n%8d\n%s\n", kind, len(block), hex.EncodeToString([]byte(block)))
	return appendChunk(nil, "zTXt", []byte("Raw profile type "+kind+"\x00\x00"+packed(t, text)))
}

func TestWhatExifSaysOfColoursAndHoldersStaysWhereverItStands(t *testing.T) {
	want := tags{orientation: 1, artist: []byte("Åse"), copyright: []byte("© Åse"), adobe: true}
	block := string(want.block())
	for name, data := range map[string][]byte{
		"JPEG":              jpegWith(t, segment(0xE1, exifHead+block)),
		"PNG":               pngWith(t, appendChunk(nil, "eXIf", []byte(block)), nil),
		"PNG, Exif profile": pngWith(t, rawChunk(t, "exif", exifHead+block), nil),
		"PNG, APP1 profile": pngWith(t, rawChunk(t, "APP1", exifHead+block), nil),
	} {
		sent := send(t, data, StripLocation)
		a, b := ReadAbout(bytes.NewReader(data), int64(len(data))), ReadAbout(bytes.NewReader(sent), int64(len(sent)))
		if !a.AdobeRGB || !bytes.Contains(a.Credit, want.artist) || !bytes.Contains(a.Credit, want.copyright) || !reflect.DeepEqual(a, b) {
			t.Errorf("%s says %+v, and what is sent of it %+v", name, a, b)
		}
		bare := send(t, data, StripAll)
		if a := ReadAbout(bytes.NewReader(bare), int64(len(bare))); !a.AdobeRGB || a.Credit != nil {
			t.Errorf("%s without anybody's name says %+v", name, a)
		}
	}
	for n := range len(block) {
		readTags([]byte(block[:n])) // must not panic
	}
	if got := readTags([]byte(block)); !reflect.DeepEqual(got, want) {
		t.Errorf("read back: %+v", got)
	}
	if readTags([]byte(strings.Replace(block, "R03", "R98", 1))).adobe {
		t.Error("sRGB is taken for Adobe RGB")
	}
}

func TestEveryFormatSaysWhoseItIs(t *testing.T) {
	tif := tiffOf(t, binary.BigEndian, entryOf{tag: tagArtist, kind: ifd.ASCII, bytes: []byte("Åse\x00")})
	webp := webpWith(t, "EXIF", string(exif(1, "Åse", "")))
	named := webpWith(t, "XMP ", xmpOf("<dc:creator>Åse</dc:creator>"))
	for name, data := range map[string][]byte{
		"JPEG": jpegWith(t, segment(0xE1, exifHead+string(exif(1, "Åse", "")))), "HEIC": gridHEIC(), "TIFF": tif, "WebP": webp, "WebP, XMP": named,
		"TIFF, IPTC": tiffOf(t, binary.BigEndian, entryOf{tag: tagIPTC, kind: 7, bytes: iimOf(1, 90, "\x1b%G", 2, 80, "Åse")}),
	} {
		if a := ReadAbout(bytes.NewReader(data), int64(len(data))); !bytes.Contains(a.Credit, []byte("Åse")) {
			t.Errorf("%s says %+v", name, a)
		}
	}
	if a := ReadAbout(strings.NewReader("no photo"), 8); a.Orientation != 1 || a.Credit != nil {
		t.Errorf("what is no photo says %+v", a)
	}
}

func inflated(b []byte) []byte {
	_, rest, found := bytes.Cut(b, []byte("\x00\x01\x00\x00\x00"))
	if !found {
		return nil
	}
	return pngValue("zTXt", append([]byte{0}, rest...))
}

func TestACreditAlwaysFitsIntoASegment(t *testing.T) {
	worst := strings.Repeat(`"`, 10_000)
	creators := strings.Repeat("<rdf:li>"+strings.Repeat("&amp;", 2000)+"</rdf:li>", 5)
	packet := xmpOf("<dc:creator><rdf:Seq>" + creators + "</rdf:Seq></dc:creator><dc:rights>" + worst + "</dc:rights>")
	sent := send(t, jpegWith(t, segment(0xE1, xmpHead+packet), segment(0xED, photoshopHead+string(resourcesOf(iimOf(2, 110, worst))))), "")
	got := credits(t, sent)
	if len(got.creators) != 5 || len(got.rights) != maxCreditText || len(got.line) != maxCreditText {
		t.Errorf("got %d creators, %d and %d bytes", len(got.creators), len(got.rights), len(got.line))
	}
	long := credit{}
	long.fill([]string{strings.Repeat("å", maxCreditText)}, "x"+strings.Repeat("å", maxCreditText), "")
	if n := len(long.creators[0]); n != maxCreditText {
		t.Errorf("%d bytes", n)
	}
	if !strings.HasSuffix(long.rights, "å") || len(long.rights) != maxCreditText-1 {
		t.Errorf("cut in a letter: %d bytes", len(long.rights))
	}
	full := credit{rights: worst[:maxCreditText], line: worst[:maxCreditText]}
	for range 2 * maxCreators {
		full.creators = append(full.creators, worst[:maxCreditText])
	}
	var c credit
	c.fill(full.creators, full.rights, full.line)
	if n := len(metadata(JPEG, xmpHead, "", c.packet())); n > 0xFFFF || int(c.packet()[0]) != '<' {
		t.Errorf("a segment of %d bytes", n)
	}
}

func TestMetadataIsCutOutWhereverItStands(t *testing.T) {
	plain := progressiveJPEG()
	at := bytes.LastIndex(plain, []byte{0xFF, 0xDA})
	between := slices.Concat(plain[:at], segment(0xE1, exifHead+string(exif(1, "", ""))), segment(0xED, photoshopHead+"IPTC-CITY"), plain[at:])
	twice := jpegWith(t, segment(0xE1, exifHead+string(exif(1, "", ""))), segment(0xE1, exifHead+string(exif(1, "", ""))),
		segment(0xE1, "OWNER-NAME"), segment(0xEB, "JP\x00\x01XMP-PLACE"), segment(0xE2, "FPXR\x00MAKER-NOTE"))
	png := pngWith(t, nil, slices.Concat(appendChunk(nil, "tEXt", []byte("Raw profile type exif\x00GPS-59.9139N")),
		appendChunk(nil, "caBX", []byte("XMP-PLACE")), appendChunk(nil, "tEXt", []byte("Location\x00XMP-PLACE")),
		appendChunk(nil, "zxIf", []byte("GPS-59.9139N"))))
	for name, data := range map[string][]byte{"between scans": between, "twice, odd": twice, "behind a PNG's pixels": png} {
		sent := send(t, data, StripLocation)
		for _, secret := range secrets {
			if bytes.Contains(sent, []byte(secret)) {
				t.Errorf("%s: %s is sent", name, secret)
			}
		}
		samePixels(t, decode(t, data), decode(t, sent))
	}
}
