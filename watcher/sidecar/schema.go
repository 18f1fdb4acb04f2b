package sidecar

import "github.com/divitio/pinfold/watcher/strictyaml"

// Schema is the JSON Schema of a sidecar.
func Schema() strictyaml.Schema {
	return whole(properties()).Says("The YAML file beside a photo: what to post on Pinterest, where and when.")
}

// DefaultsSchema is the JSON Schema of a _pinfold.yaml, and of a mapping that ReadDefaults reads.
func DefaultsSchema() strictyaml.Schema {
	s := whole(append(properties(),
		strictyaml.Property{Key: "board_from", Schema: strictyaml.ChoiceSchema("directory").
			Says("directory: the name of the directory that a photo lies in is its board.")},
		strictyaml.Property{Key: "without_sidecar", Schema: strictyaml.ChoiceSchema("post", "wait").Else("wait").
			Says("post: a photo without a sidecar becomes a post of its own. wait: it waits for its sidecar.")},
	))
	return s.Apart("board_from", "board", "boards").
		Says("What all posts of a directory, and of those below it, have in common.")
}

func whole(keys []strictyaml.Property) strictyaml.Schema {
	return strictyaml.MapSchema(false, keys...).Apart("boards", "board", "section")
}

// properties describe the keys that read reads, in its order.
func properties() []strictyaml.Property {
	text := func(most int, empty, lines bool) strictyaml.Schema {
		return strictyaml.TextSchema(strictyaml.TextRule{Max: most, Empty: empty, Lines: lines})
	}
	return []strictyaml.Property{
		{Key: "title", Schema: text(MaxTitle, true, false).Says("Up to %d characters; feeds show about 40. "+
			`Left out, the photo's own title is taken; "" means none.`, MaxTitle)},
		{Key: "description", Schema: text(MaxDescription, true, true).Says("Up to %d characters; put quotes around text with # in it. "+
			`Left out, the photo's own description is taken; "" means none.`, MaxDescription)},
		{Key: "alt_text", Schema: text(MaxAltText, true, true).Says("What is to be seen, for those who cannot see it: "+
			"up to %d characters.", MaxAltText)},
		{Key: "link", Schema: linkSchema()},
		{Key: "board", Schema: text(MaxName, false, false).Says("The board's name as seen on Pinterest. Needed here or in a _pinfold.yaml.")},
		{Key: "section", Schema: text(MaxName, true, false).Says("The name of a section of the board.")},
		{Key: "boards", Schema: boardsSchema()},
		{Key: "board_gap", Schema: strictyaml.DurationSchema().Says("The time between the posts of boards, such as 7d or 36h: " +
			"d are calendar days, at the same time of the day.")},
		{Key: "publish_at", Schema: strictyaml.Schema{}.Like(publishAt).Or("write 2026-12-01 18:30, 2026-12-01, 2026-12-01T18:30:00+01:00 or now").Says("When: 2026-12-01 18:30 (in the post's time zone), " +
			"2026-12-01 alone, 2026-12-01T18:30:00+01:00 (exact), or now. Left out, the post waits in the queue for a free slot.")},
		{Key: "timezone", Schema: TimezoneSchema().Says("The time zone of publish_at, such as Europe/Oslo, if it is not the folder's.")},
		{Key: "draft", Schema: strictyaml.FlagSchema().Else(true).Says("true: recorded, never posted.")},
		{Key: "account", Schema: AccountSchema().Says("The account that posts it, if it is not the folder's.")},
		{Key: "allow_duplicate", Schema: strictyaml.FlagSchema().Else(true).Says("true: post it although the same photo is on that board already.")},
		{Key: "images", Schema: imagesSchema()},
	}
}

// publishAt is the form of every time that package schedule reads.
const publishAt = `[Nn][Oo][Ww]|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(([Tt]| +)([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?` +
	`( *([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?)?`

// TimezoneSchema is what ReadTimezone takes; which zones there are, it does not say.
func TimezoneSchema() strictyaml.Schema {
	return strictyaml.Schema{}.Like(`[A-Za-z][A-Za-z0-9_+/-]{0,63}`).Or("write an IANA name such as Europe/Oslo")
}

// AccountSchema is what ReadAccount takes.
func AccountSchema() strictyaml.Schema {
	s := strictyaml.Schema{}.Like(`[a-z0-9][a-z0-9_-]{0,31}`).Or("use 1 to 32 of a-z, 0-9, _ and -, beginning with a letter or digit")
	s.Type = []string{"string", "integer", "boolean"}
	return s
}

func linkSchema() strictyaml.Schema {
	s := strictyaml.Schema{Type: "string", MaxLength: MaxLink}
	s.Pattern = `^\s*([Hh][Tt][Tt][Pp][Ss]?://([^\s/?#\\]*@)?(\[|\.*[^\s/?#\\:@.])\S*)?\s*$`
	return s.Or("write it whole, such as https://example.com/prints").Says("Where the pin leads: a whole web address, up to %d characters.", MaxLink)
}

func boardsSchema() strictyaml.Schema {
	name := strictyaml.TextSchema(strictyaml.TextRule{Max: MaxName})
	target := strictyaml.MapSchema(false,
		strictyaml.Property{Key: "board", Schema: name},
		strictyaml.Property{Key: "section", Schema: strictyaml.TextSchema(strictyaml.TextRule{Max: MaxName, Empty: true})})
	target.Required = []string{"board"}
	return strictyaml.ListSchema(strictyaml.Schema{AnyOf: []strictyaml.Schema{name, target}}, true, 0).
		Says("Instead of board: several boards, one post each, such as [Landscapes, {board: Fog, section: Dawn}].")
}

func imagesSchema() strictyaml.Schema {
	name := strictyaml.TextSchema(strictyaml.TextRule{})
	// Parts between slashes that are neither empty, nor . nor ..; the first must not look like a Windows drive.
	const first = `[^\\/.]([^\\/:][^\\/]*)?|\.[^\\/.:][^\\/]*|\.\.[^\\/]+`
	const other = `[^\\/.][^\\/]*|\.[^\\/.][^\\/]*|\.\.[^\\/]+`
	name.Pattern = `^(` + first + `)(/(` + other + `))*$`
	s := strictyaml.ListSchema(name, true, MaxImages)
	s.Unique = true
	return s.Says("A carousel's other photos, 1 to %d, of the same pixel size: [fog-2.jpg, fog-3.jpg].", MaxImages)
}
