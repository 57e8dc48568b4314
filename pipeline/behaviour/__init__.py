"""What an animal does and when: the ethogram, a track's motion, a classifier over it, and bouts."""
