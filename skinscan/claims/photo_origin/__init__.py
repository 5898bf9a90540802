"""What the files of a claim's photos say about where they came from."""
