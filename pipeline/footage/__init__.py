"""What video there is, which deployment it belongs to, and when it was filmed."""
