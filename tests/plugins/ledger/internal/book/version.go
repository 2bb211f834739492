package book

import (
	"os"
	"path/filepath"
	"regexp"
)

var cached = regexp.MustCompile(`^resource-[a-z]+-v(\d+\.\d+\.\d+.*)$`)

// Version is the version of the folder that the plugin was started from, as plugin caches name it. So one binary can
// be installed as many versions.
func Version() string {
	if found := cached.FindStringSubmatch(filepath.Base(filepath.Dir(os.Args[0]))); found != nil {
		return found[1]
	}
	return "1.2.3"
}
