"""What the build of the site makes by itself."""
