"""What leaves the archive, one file a format."""
