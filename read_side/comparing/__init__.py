"""What changed between two contents: lines, words of whole signs, and the process for large ones."""
