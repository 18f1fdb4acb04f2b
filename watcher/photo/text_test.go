package photo

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/divitio/pinfold/watcher/photo/ifd"
)

// xmpOf is a packet with some properties.
func xmpOf(properties string) string {
	return `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">` +
		`<rdf:RDF xmlns:rdf="` + nsRDF + `"><rdf:Description rdf:about="" xmlns:dc="` + nsDC + `" xmlns:i="` + nsIPTC + `">` +
		properties + "</rdf:Description></rdf:RDF></x:xmpmeta>" + strings.Repeat(" ", 100) + `<?xpacket end="w"?>`
}

// altOf is a property with its languages, pairs of name and text.
func altOf(name string, pairs ...string) string {
	b := "<" + name + "><rdf:Alt>"
	for i := 0; i < len(pairs); i += 2 {
		b += `<rdf:li xml:lang="` + pairs[i] + `">` + pairs[i+1] + "</rdf:li>"
	}
	return b + "</rdf:Alt></" + name + ">"
}

// iimOf is IPTC's datasets: pairs of record and set, and a value.
func iimOf(sets ...any) (b []byte) {
	for i := 0; i < len(sets); i += 3 {
		value := sets[i+2].(string)
		b = append(b, iimMark, byte(sets[i].(int)), byte(sets[i+1].(int)))
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(value))), value...)
	}
	return b
}

// resourcesOf is Photoshop's block with IPTC between two others.
func resourcesOf(iim []byte) []byte {
	b := []byte("8BIM\x03\xed\x00\x00\x00\x00\x00\x03abc\x00")
	b = append(b, "8BIM\x04\x04\x04name\x00"...)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(iim))), iim...)
	if len(iim)%2 == 1 {
		b = append(b, 0)
	}
	return append(b, "8BIM\x04\x0c\x00\x00\x00\x00\x00\x00"...)
}

// exifOf is an Exif block with texts in IFD0, and a comment in the directory below, if it is not nil.
func exifOf(order binary.AppendByteOrder, comment []byte, texts ...entryOf) []byte {
	b := []byte("II*\x00\x00\x00\x00\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		copy(b, "MM\x00*")
	}
	if comment != nil {
		var below uint32
		b, below = build(b, order, 0, []entryOf{{tag: tagUserComment, kind: 7, bytes: comment}})
		texts = append(texts, entryOf{tag: tagExifIFD, kind: ifd.Long, numbers: []uint32{below}})
	}
	slices.SortFunc(texts, func(a, b entryOf) int { return int(a.tag) - int(b.tag) })
	b, at := build(b, order, 0, texts)
	copy(b[4:], order.AppendUint32(nil, at))
	return b
}

// windows is a text as Windows writes it.
func windows(tag uint16, s string) entryOf {
	var b []byte
	for _, c := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return entryOf{tag: tag, kind: 1, bytes: append(b, 0, 0)}
}

func ascii(tag uint16, s string) entryOf {
	return entryOf{tag: tag, kind: ifd.ASCII, bytes: append([]byte(s), 0)}
}

// jpegWith is a JPEG with metadata segments behind its SOI.
func jpegWith(tb testing.TB, segments ...[]byte) []byte {
	plain := plainJPEG(tb, 100, 100)
	return slices.Concat(plain[:2], bytes.Join(segments, nil), plain[2:])
}

// pngWith is a PNG with chunks before, and after, its pixels.
func pngWith(tb testing.TB, before, after []byte) []byte {
	plain := plainPNG(tb, 100, 100)
	return slices.Concat(plain[:33], before, plain[33:len(plain)-12], after, plain[len(plain)-12:])
}

// webpWith is a WebP with more chunks.
func webpWith(tb testing.TB, chunks ...string) []byte {
	b := drawn(tb, "lossless.webp")
	for i := 0; i < len(chunks); i += 2 {
		b = append(b, chunks[i]...)
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(chunks[i+1]))), chunks[i+1]...)
		if len(chunks[i+1])%2 == 1 {
			b = append(b, 0)
		}
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func packed(tb testing.TB, s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// textsOf reads a photo's texts in both ways, which must agree.
func textsOf(t *testing.T, data []byte) Embedded {
	t.Helper()
	r := bytes.NewReader(data)
	p, err := Read(r, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Hash != hashOf(t, data) {
		t.Error("the hash is another")
	}
	if again, err := ReadText(r, int64(len(data))); err != nil || again != p.Embedded {
		t.Errorf("the texts alone: %+v, %v; with all else %+v", again, err, p.Embedded)
	}
	return p.Embedded
}

func TestTextsOfEveryFormat(t *testing.T) {
	packet := xmpOf(altOf("dc:title", "nb", "Tåke", "x-default", "Fog") + altOf("dc:description", "x-default", "Frost") +
		altOf("i:AltTextAccessibility", "x-default", "A lake"))
	xmp := Texts{"Fog", "Frost", "A lake"}
	iim := iimOf(1, 90, "\x1b%G", 2, 0, "\x00\x04", 2, 5, "Tåke", 2, 120, "Rim")
	iptc := Texts{Title: "Tåke", Description: "Rim"}
	block := exifOf(binary.BigEndian, nil, ascii(tagDescription, "By the lake"), windows(tagXPTitle, "Ærø"))
	exif := Texts{Title: "Ærø", Description: "By the lake"}
	lake := Texts{"Morning fog", "First frost of the year", "A lake at dawn under fog"}
	camera := Texts{Description: "A lake, by the camera"}
	profile := fmt.Sprintf("\niptc\n%8d\n%s\n", len(iim), hex.EncodeToString(resourcesOf(iim)))

	for name, c := range map[string]struct {
		data []byte
		want Embedded
	}{
		"JPEG": {jpegWith(t, segment(0xE1, exifHead+string(block)), segment(0xE1, xmpHead+packet),
			segment(0xED, photoshopHead+string(resourcesOf(iim)))), Embedded{xmp, iptc, exif}},
		"JPEG, Photoshop's in two": {jpegWith(t, segment(0xED, photoshopHead+string(resourcesOf(iim)[:30])),
			segment(0xED, photoshopHead+string(resourcesOf(iim)[30:]))), Embedded{IPTC: iptc}},
		"PNG":                   {pngWith(t, slices.Concat(appendChunk(nil, "eXIf", block), appendChunk(nil, "iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00en\x00\x00"+packet))), nil), Embedded{XMP: xmp, Exif: exif}},
		"PNG, behind, packed":   {pngWith(t, nil, appendChunk(nil, "iTXt", []byte("XML:com.adobe.xmp\x00\x01\x00\x00\x00"+packed(t, packet)))), Embedded{XMP: xmp}},
		"PNG, profile":          {pngWith(t, appendChunk(nil, "zTXt", []byte("Raw profile type iptc\x00\x00"+packed(t, profile))), nil), Embedded{IPTC: iptc}},
		"WebP":                  {webpWith(t, "EXIF", string(block)+"odd", "XMP ", packet), Embedded{XMP: xmp, Exif: exif}},
		"TIFF":                  {tiffOf(t, binary.BigEndian, entryOf{tag: tagXMP, kind: 1, bytes: []byte(packet)}, entryOf{tag: tagIPTC, kind: 7, bytes: iim}), Embedded{XMP: xmp, IPTC: iptc}},
		"TIFF by Photoshop":     {tiffOf(t, binary.LittleEndian, entryOf{tag: tagPhotoshop, kind: 1, bytes: resourcesOf(iim)}), Embedded{IPTC: iptc}},
		"TIFF, its own":         {tiffOf(t, binary.LittleEndian, windows(tagXPTitle, "Ærø"), windows(tagXPComment, "By the lake")), Embedded{Exif: exif}},
		"exiftool's and a WebP": {drawn(t, "lake.webp"), Embedded{XMP: lake, Exif: camera}},
		"exiftool's and a HEIC": {drawn(t, "lake.heic"), Embedded{XMP: lake, Exif: camera}},
		"exiftool's and a AVIF": {drawn(t, "lake.avif"), Embedded{XMP: lake, Exif: camera}},
		"none":                  {cameraJPEG(t), Embedded{}},
		"none, GIF":             {movingGIF(t), Embedded{}},
	} {
		if !heifDecodable && strings.Contains(name, "a HEIC") || strings.Contains(name, "a AVIF") && !heifDecodable {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if got := textsOf(t, c.data); got != c.want {
				t.Errorf("got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestXMPIsReadHoweverItIsWritten(t *testing.T) {
	for name, c := range map[string]struct{ packet, want string }{
		"default after others": {xmpOf(altOf("dc:title", "de", "Nebel", "x-default", "Fog", "en", "Mist")), "Fog"},
		"no default":           {xmpOf(altOf("dc:title", "de", "Nebel", "en", "Mist")), "Nebel"},
		"empty default":        {xmpOf(altOf("dc:title", "x-default", " ", "en", "Mist")), "Mist"},
		"plain":                {xmpOf("<dc:title>Fog &amp; frost</dc:title>"), "Fog & frost"},
		"attribute":            {strings.Replace(xmpOf(""), `rdf:about=""`, `rdf:about="" dc:title="Fog"`, 1), "Fog"},
		"sequence":             {xmpOf("<dc:title><rdf:Seq><rdf:li>Fog</rdf:li></rdf:Seq></dc:title>"), "Fog"},
		"another prefix":       {strings.NewReplacer("dc:", "x1:", ":dc=", ":x1=").Replace(xmpOf(altOf("dc:title", "x-default", "Fog"))), "Fog"},
		"another's title":      {xmpOf(`<o:title xmlns:o="urn:other">Not this</o:title>`), ""},
		"in a structure":       {xmpOf(`<o:x xmlns:o="urn:other" rdf:parseType="Resource"><o:title>Not this</o:title></o:x>`), ""},
		"character references": {xmpOf(altOf("dc:title", "x-default", "T&#229;ke &#x1F32B;")), "Tåke 🌫"},
		"CDATA":                {xmpOf(altOf("dc:title", "x-default", "<![CDATA[Fog <3]]>")), "Fog <3"},
		"cut off behind it":    {xmpOf(altOf("dc:title", "x-default", "Fog") + "<broken"), "Fog"},
		"cut off within":       {xmpOf("<dc:title><rdf:Alt><rdf:li>Fog</rdf:li>"), "Fog"},
		"no XML":               {"title, but no XML at all", ""},
		"too deep":             {xmpOf(strings.Repeat("<x>", 1000) + altOf("dc:title", "x-default", "Fog")), ""},
		"bomb of entities":     {`<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>` + xmpOf("<dc:title>&b;</dc:title>"), ""},
		"two packets' worth":   {xmpOf(altOf("dc:title", "x-default", "First") + altOf("dc:title", "x-default", "Second")), "First"},
		"of a camera":          {xmpOf(altOf("dc:title", "x-default", "SONY DSC")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := textsOf(t, jpegWith(t, segment(0xE1, xmpHead+c.packet))).XMP.Title
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestExtendedXMPIsPutTogether(t *testing.T) {
	main := segment(0xE1, xmpHead+xmpOf(altOf("dc:title", "x-default", "Fog")))
	more := xmpOf(altOf("dc:title", "x-default", "Not this") + altOf("dc:description", "x-default", "Frost"))
	piece := func(guid string, from, to int) []byte {
		head := extendedHead + strings.Repeat(guid, 32) + string(u32(len(more), from))
		return segment(0xE1, head+more[from:to])
	}
	want := Texts{Title: "Fog", Description: "Frost"}
	if got := textsOf(t, jpegWith(t, main, piece("A", 200, len(more)), piece("B", 0, 200), piece("A", 0, 200))).XMP; got != want {
		t.Errorf("got %+v", got)
	}
	if got := textsOf(t, jpegWith(t, main, piece("A", 0, len(more)-5))).XMP; got != (Texts{Title: "Fog"}) {
		t.Errorf("a piece is missing: got %+v", got)
	}
	vast := segment(0xE1, extendedHead+strings.Repeat("A", 32)+"\xff\xff\xff\xff\xff\xff\xff\xf0some")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	defer func() {
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 64<<20 {
			t.Errorf("%d bytes were taken for them", after.TotalAlloc-before.TotalAlloc)
		}
	}()
	if got := textsOf(t, jpegWith(t, main, vast)).XMP; got != (Texts{Title: "Fog"}) {
		t.Errorf("four gigabytes: got %+v", got)
	}
}

func TestIPTCsEncodingIsWhatItSaysOrElseWhatItLooksLike(t *testing.T) {
	for name, c := range map[string]struct {
		sets []any
		want string
	}{
		"UTF-8":                    {[]any{1, 90, "\x1b%G", 2, 5, "Белых ночей à"}, "Белых ночей à"},
		"UTF-8, not said":          {[]any{2, 5, "Прогулка в горах"}, "Прогулка в горах"},
		"UTF-8, not said, to an à": {[]any{2, 5, "La città à"}, "La città à"},
		"Latin-1":                  {[]any{2, 5, "Bl\xe5b\xe6r"}, "Blåbær"},
		"Windows-1252":             {[]any{2, 5, "\x93Fog\x94 \x96 \x80"}, "“Fog” – €"},
		"UTF-8, cut in a letter":   {[]any{1, 90, "\x1b%G", 2, 5, "Tåk\xc3"}, "Tåk"},
		"Latin-1, said":            {[]any{1, 90, "\x1b.A", 2, 5, "Bl\xe5"}, "Blå"},
		"second title":             {[]any{2, 5, "First", 2, 5, "Second"}, "First"},
		"camera's, then another":   {[]any{2, 5, "OLYMPUS DIGITAL CAMERA", 2, 5, "Fog"}, "Fog"},
		"length too long":          {[]any{2, 25, "x", 2, 5, strings.Repeat("x", 0x8001)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := textsOf(t, jpegWith(t, segment(0xED, photoshopHead+string(resourcesOf(iimOf(c.sets...)))))).IPTC.Title; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestExifsEncodings(t *testing.T) {
	wide := func(order binary.AppendByteOrder, s string) []byte {
		b := []byte("UNICODE\x00")
		for _, c := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, c)
		}
		return b
	}
	le, be := binary.LittleEndian, binary.BigEndian
	for name, c := range map[string]struct {
		block []byte
		want  Texts
	}{
		"UTF-8":                     {exifOf(le, nil, ascii(tagDescription, "Tåke")), Texts{Description: "Tåke"}},
		"Latin-1":                   {exifOf(be, nil, ascii(tagDescription, "T\xe5ke \x96 her")), Texts{Description: "Tåke – her"}},
		"Exif 3's own UTF-8":        {exifOf(be, nil, entryOf{tag: tagDescription, kind: ifd.UTF8, bytes: []byte("Tåke")}), Texts{Description: "Tåke"}},
		"Windows, beyond the plane": {exifOf(be, nil, windows(tagXPTitle, "Фjord 🌫"), windows(tagXPComment, "Ærø")), Texts{Title: "Фjord 🌫", Description: "Ærø"}},
		"description before others": {exifOf(le, wide(le, "Third"), ascii(tagDescription, "First"), windows(tagXPComment, "Second")), Texts{Description: "First"}},
		"camera's, then a person's": {exifOf(le, append([]byte("ASCII\x00\x00\x00"), "Fog\x00garbage"...), ascii(tagDescription, "SONY DSC                    ")), Texts{Description: "Fog"}},
		"comment, UTF-16":           {exifOf(be, wide(be, "Tåke 🌫")), Texts{Description: "Tåke 🌫"}},
		"comment, its own order":    {exifOf(be, wide(le, "Tåke i fjorden")), Texts{Description: "Tåke i fjorden"}},
		"comment with a mark":       {exifOf(be, wide(le, "\ufeffБелая")), Texts{Description: "Белая"}},
		"comment, not said":         {exifOf(be, append(make([]byte, 8), "T\xe5ke"...)), Texts{Description: "Tåke"}},
		"comment in JIS":            {exifOf(be, []byte("JIS\x00\x00\x00\x00\x00\x1b$B")), Texts{}},
		"a program's comment":       {exifOf(be, append([]byte("ASCII\x00\x00\x00"), `{"a":1}`...)), Texts{}},
		"blank comment":             {exifOf(be, append([]byte("ASCII\x00\x00\x00"), "          "...)), Texts{}},
		"odd UTF-16":                {exifOf(be, append(wide(be, "Fog"), 'x')), Texts{Description: "Fog"}},
		"controls and blanks":       {exifOf(le, nil, ascii(tagDescription, "  One\x07\r\ntwo\tthree\x1b \n ")), Texts{Description: "One\ntwo\tthree"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := textsOf(t, jpegWith(t, segment(0xE1, exifHead+string(c.block)))).Exif; got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestATitleIsOneLineAndKeepsItsUnicodeForm(t *testing.T) {
	decomposed := "A\u030a, se"
	got := textsOf(t, jpegWith(t, segment(0xE1, xmpHead+xmpOf(altOf("dc:title", "x-default", "\n "+decomposed+"\n\tto\u2028linjer\u0001 ")))))
	if want := decomposed + " to linjer"; got.XMP.Title != want {
		t.Errorf("got %q, want %q", got.XMP.Title, want)
	}
}

func TestTextsByCamerasAreNone(t *testing.T) {
	for _, s := range []string{
		"OLYMPUS DIGITAL CAMERA", "Olympus Digital Camera", "SONY DSC", "DCIM\\100MEDIA\\DJI_0038.JPG", "oznor", "default", "????", "- -",
		"Processed with VSCO with a6 preset", "IMG_1234", "DSC01234.JPG", "_DSC0042", "DSCF1234", "P1010034.jpg", "dji_0001",
	} {
		if !byCamera(s) {
			t.Errorf("%q is taken for a person's", s)
		}
	}
	for _, s := range []string{"Sony DSC in use", "Fog", "霧", "1984", "IMG", "Img 12", "P 1234", "No. 5", "🌫", "Default settings", "Å", "P.S. 12345"} {
		if byCamera(s) {
			t.Errorf("%q is taken for a camera's", s)
		}
	}
}

func TestBrokenMetadataIsNoFaultOfThePhoto(t *testing.T) {
	block := exifOf(binary.LittleEndian, []byte("ASCII\x00\x00\x00Fog"), ascii(tagDescription, "Lake"), windows(tagXPTitle, "Fog"))
	resources := resourcesOf(iimOf(1, 90, "\x1b%G", 2, 5, "Fog", 2, 120, "Frost"))
	packet := xmpOf(altOf("dc:title", "x-default", "Fog"))
	for n := range block {
		textsOf(t, jpegWith(t, segment(0xE1, exifHead+string(block[:n]))))
	}
	for n := range resources {
		textsOf(t, jpegWith(t, segment(0xED, photoshopHead+string(resources[:n]))))
	}
	for n := range packet {
		textsOf(t, jpegWith(t, segment(0xE1, xmpHead+packet[:n])))
	}
	wild := bytes.Clone(block)
	for i := range wild {
		wild[i] = 0xFF
		textsOf(t, jpegWith(t, segment(0xE1, exifHead+string(wild))))
		wild[i] = block[i]
	}
}

func TestReadTextOpensNoMoreThanTheHead(t *testing.T) {
	data := jpegWith(t, segment(0xE1, xmpHead+xmpOf(altOf("dc:title", "x-default", "Fog"))))
	at := len(data) - 2
	data = slices.Concat(data[:at], make([]byte, 4<<20), data[at:])
	broken := errors.New("read too far")
	got, err := ReadText(failing{data, 3 * window, broken}, int64(len(data)))
	if err != nil || got.XMP.Title != "Fog" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := ReadText(failing{data, 100, broken}, int64(len(data))); !errors.Is(err, broken) {
		t.Errorf("a failing disk: %v", err)
	}
}

func FuzzReadText(f *testing.F) {
	f.Add(jpegWith(f, segment(0xE1, exifHead+string(exifOf(binary.BigEndian, []byte("UNICODE\x00\x00F"), windows(tagXPTitle, "Fog"), ascii(tagDescription, "T\xe5ke")))),
		segment(0xE1, xmpHead+xmpOf(altOf("dc:title", "nb", "Tåke", "x-default", "Fog"))),
		segment(0xED, photoshopHead+string(resourcesOf(iimOf(1, 90, "\x1b%G", 2, 5, "Tåke")))),
		segment(0xE1, extendedHead+strings.Repeat("A", 32)+"\x00\x00\x00\x04\x00\x00\x00\x00some")))
	f.Add(pngWith(f, appendChunk(nil, "iTXt", []byte("XML:com.adobe.xmp\x00\x01\x00\x00\x00"+packed(f, xmpOf("")))), nil))
	f.Add(tiffOf(f, binary.LittleEndian, windows(tagXPTitle, "Ærø")))
	f.Add(drawn(f, "lake.heic"))
	f.Add(drawn(f, "lake.webp"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		again, err := ReadText(bytes.NewReader(data), int64(len(data)))
		if err != nil || again != p.Embedded {
			t.Fatalf("the texts alone: %+v, %v; with all else %+v", again, err, p.Embedded)
		}
		for _, s := range []string{p.Embedded.XMP.Title, p.Embedded.IPTC.Description, p.Embedded.Exif.Description} {
			if s != tidy(s) || byCamera(s) && s != "" {
				t.Fatalf("%q is not tidy", s)
			}
		}
	})
}
