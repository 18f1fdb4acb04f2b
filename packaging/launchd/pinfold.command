#!/bin/sh
# For a double click in Finder: runs the pinfold beside this file in a window, and opens its page.
exec "$(dirname "$0")/pinfold" run --open
