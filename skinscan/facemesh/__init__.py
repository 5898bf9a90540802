"""The canonical face as data: mesh, zones, landmark numbers, the face cut out of a photo."""
