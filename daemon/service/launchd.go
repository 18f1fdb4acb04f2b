package service

import (
	"encoding/xml"
	"strings"

	"github.com/divitio/pinfold/packaging"
)

// plist is the property list for launchd: of an agent, or of the machine's daemon, which works as somebody whose home
// has to be told to it.
func (s Settings) plist() string {
	var b strings.Builder
	b.WriteString("\t<key>ProgramArguments</key>\n\t<array>\n")
	for _, word := range append([]string{s.Program}, s.arguments()...) {
		b.WriteString("\t\t<string>" + xmlText(word) + "</string>\n")
	}
	b.WriteString("\t</array>\n")
	b.WriteString("\t<key>StandardErrorPath</key>\n\t<string>" + xmlText(s.log()) + "</string>\n")
	if !s.Own {
		b.WriteString("\t<key>UserName</key>\n\t<string>" + xmlText(s.User) + "</string>\n")
		b.WriteString("\t<key>EnvironmentVariables</key>\n\t<dict>\n\t\t<key>HOME</key>\n\t\t<string>" + xmlText(s.Home) + "</string>\n\t</dict>\n")
	}
	const end = "</dict>\n</plist>"
	return strings.Replace(packaging.Launchd, end, b.String()+end, 1)
}

func xmlText(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}
