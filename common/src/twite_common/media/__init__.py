"""Media: processing pictures, video and audio into safe files, and storing them."""
