"""What every floor uses: errors, words and numbers as text, files that are there in full or not at all, threads."""
