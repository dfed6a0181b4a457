#!/usr/bin/env python3
"""Counts the words of text files, the most frequent first."""

import argparse
import collections
import re
import sys

WORD = re.compile(r"[a-z']+")


def count(lines):
    """How often each word stands in these lines."""
    words = collections.Counter()
    for line in lines:
        words.update(WORD.findall(line.lower()))
    return words


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", help="text files; standard input when there are none")
    parser.add_argument("-n", "--top", type=int, default=10, help="how many words to print")
    options = parser.parse_args()
    total = collections.Counter()
    for name in options.files:
        with open(name, encoding="utf-8") as file:
            total += count(file)
    if not options.files:
        total = count(sys.stdin)
    for word, times in total.most_common(options.top):
        print(f"{times:6} {word}")


if __name__ == "__main__":
    main()
