"""Read video by its time stamps."""
