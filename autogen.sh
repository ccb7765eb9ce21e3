#!/bin/sh
# Makes the build system. (The full program of this script comes with the build's own change.)
set -e
cd "$(dirname "$0")"
autoreconf -fi
