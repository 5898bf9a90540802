"""Two or more scans of one face in, what changed out."""
