package config

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// Written is the text of a config with one folder, for a person who will read and change it. The time zone may be "".
// Whatever the two hold, they are nothing but texts in it.
func Written(folder, zone string) (string, error) {
	path, err := scalar(folder)
	if err != nil {
		return "", err
	}
	name, comment := "Europe/Oslo", "#"
	if zone != "" {
		if name, err = scalar(zone); err != nil {
			return "", err
		}
		comment = ""
	}
	return fmt.Sprintf(written, path, comment, name), nil
}

// scalar writes a text as YAML, on one line.
func scalar(text string) (string, error) {
	node := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if strings.ContainsAny(text, "\"\\#\r\n\t") || strings.TrimSpace(text) != text {
		node.Style = yaml.DoubleQuotedStyle
	}
	data, err := yaml.Marshal(&node)
	if line := strings.TrimSpace(string(data)); err == nil && !strings.Contains(line, "\n") {
		return line, nil
	}
	return "", fmt.Errorf("write config: %q cannot be written on one line", text)
}

// written is the config of a first run.
const written = `# pinfold's config, written by its setup page. Change it as you like; then restart pinfold (or send it SIGHUP).
# What is set here is what most people want; config.example.yaml explains every setting. ` + "`pinfold config check`" + `
# says whether all is right.

# Where photos and their YAML files are dropped. There may be several folders.
folders:
  - path: %s

# The time zone of the times in YAML files.
%stimezone: %s

# When posts without a time of their own go out, one at each of these times.
#schedule:
#  slots: ["Mon-Fri 09:00", "Sat,Sun 10:30"]

# Move a posted photo and its YAML file to posted/YYYY/: put this below the folder's path, indented as it is.
#    after_post: move

# The page. Where other machines reach it, it needs a password: ` + "`pinfold web password`" + `.
#web:
#  listen: "0.0.0.0:7478"
#  hosts: [nas.local]        # names that it is called by, besides localhost and IP addresses
`
