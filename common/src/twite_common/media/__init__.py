"""Media: pictures, videos and sound, made safe to show, and the files that hold them."""
