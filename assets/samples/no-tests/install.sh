#!/bin/sh
# Puts the tool where the shell finds it.
set -eu
target=${1:-"$HOME/.local/bin"}
mkdir -p "$target"
install -m 755 "$(dirname "$0")/wordcount.py" "$target/wordcount"
echo "installed $target/wordcount"
