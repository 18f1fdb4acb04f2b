package strictyaml

// The ids of the findings that this package makes. They are stable: documentation and tests name them.
const (
	IDEmpty            = "empty"
	IDTooBig           = "too-big"
	IDEncoding         = "encoding"
	IDControlCharacter = "control-character"
	IDSyntax           = "syntax"
	IDDocuments        = "documents"
	IDAnchor           = "anchor"
	IDTag              = "tag"
	IDUnknownKey       = "unknown-key"
	IDDuplicateKey     = "duplicate-key"
	IDRetiredKey       = "retired-key"
	IDMissingKey       = "missing-key"
	IDWrongType        = "wrong-type"
	IDEmptyValue       = "empty-value"
	IDWrongValue       = "wrong-value"
	IDTooLong          = "too-long"
	IDLineBreak        = "line-break"
	IDHashtagComment   = "hashtag-comment"
	IDBadDuration      = "bad-duration"
	IDOutOfRange       = "out-of-range"
	IDTooMany          = "too-many"
)

// Entry explains one finding id in one line.
type Entry struct{ ID, Means string }

// Catalogue lists the ids of this package with what they mean, for the documentation.
func Catalogue() []Entry {
	return []Entry{
		{IDEmpty, "the file is empty, holds only comments or only zero bytes; it may still be being written"},
		{IDTooBig, "the file is larger than 64 KiB"},
		{IDEncoding, "the file is not UTF-8 (but UTF-16 or Windows-1252, say)"},
		{IDControlCharacter, "an invisible control character, or a line break that editors do not count"},
		{IDSyntax, "the file is not YAML: a quote, bracket, colon or indentation is wrong near this place"},
		{IDDocuments, "the file holds more than one YAML document; the second begins here"},
		{IDAnchor, "an anchor (&), alias (*) or merge key (<<): not read; a text that begins so needs quotes"},
		{IDTag, "a YAML tag (!): not read; a text that begins so needs quotes"},
		{IDUnknownKey, "a key that does not exist; the nearest right one is named"},
		{IDDuplicateKey, "a key that was already given in the same mapping"},
		{IDRetiredKey, "a key with another name by now, or without a use; it is understood for this version only"},
		{IDMissingKey, "a key that must be given is not"},
		{IDWrongType, "a list or mapping where a text belongs, or the other way round"},
		{IDEmptyValue, "a key without a value, or an empty text where one is needed"},
		{IDWrongValue, "a value that is not one of those allowed"},
		{IDTooLong, "a text longer than allowed, counted in Unicode code points"},
		{IDLineBreak, "a text of several lines where one line is needed"},
		{IDHashtagComment, "YAML drops # and what follows as a comment; quotes keep it"},
		{IDBadDuration, "not a duration: whole numbers with ms, s, m, h or d, such as 30s, 1h30m or 7d"},
		{IDOutOfRange, "a number or duration below or above what is allowed"},
		{IDTooMany, "more problems than are worth listing"},
	}
}
