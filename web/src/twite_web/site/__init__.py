"""The website: pages for people, complete without JavaScript."""
